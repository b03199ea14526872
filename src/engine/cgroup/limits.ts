/** Resource limits of one container, in the engine's own units. Absent means the default: no limit but for `pids`. */
export interface Limits {
  /** Bytes. */
  readonly memory?: number
  /** Memory and swap together in bytes, -1 for unlimited swap (Docker's `MemorySwap`). */
  readonly memorySwap?: number
  /** Soft limit in bytes. */
  readonly memoryReservation?: number
  /** 0..100; v1 only, on v2 a warning says that it is lost. */
  readonly swappiness?: number
  readonly oomKillDisable?: boolean
  /** CPUs as billionths (`NanoCpus`), or the pair below. */
  readonly nanoCpus?: number
  /** Microseconds. */
  readonly cpuQuota?: number
  readonly cpuPeriod?: number
  /** Relative weight, 2..262144, default 1024. */
  readonly cpuShares?: number
  /** Microseconds of real-time scheduling in a period; v1 only. */
  readonly rtRuntime?: number
  readonly rtPeriod?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  /** Number of processes and threads; absent = 4096, -1 = unlimited. */
  readonly pids?: number
  /** 10..1000. */
  readonly blkioWeight?: number
  readonly blkioDevices?: readonly BlkioDeviceLimit[]
}

/** A throttle of one block device: `rate` in bytes or operations a second. */
export interface BlkioDeviceLimit {
  readonly kind: 'readBps' | 'writeBps' | 'readIops' | 'writeIops' | 'weight'
  readonly major: number
  readonly minor: number
  readonly rate: number
}

/** The default of `pids`: enough for every server, too few for a fork bomb to hurt. */
export const DEFAULT_PIDS_LIMIT = 4096
