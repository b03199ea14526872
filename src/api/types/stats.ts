import type { Filters } from './filters.ts'

/** How `GET /containers/{id}/stats` samples: again and again, or once; `oneShot` does without the reading before. */
export interface ContainerStatsOptions {
  readonly stream: boolean
  readonly oneShot: boolean
}

/** Ours: which containers `GET /tscompose/containers/stats` samples. */
export interface StatsOfAllOptions {
  /** Those that do not run, too. */
  readonly all: boolean
  readonly filters: Filters
}

/** Ours: a sample of one of several containers; `precpu_stats` are none. */
export interface LabelledStats {
  readonly labels: Readonly<Record<string, string>>
  readonly stats: ContainerStats
}

/** One sample of `GET /containers/{id}/stats`; a container that does not run gives zeroes. */
export interface ContainerStats {
  /** This and the name are not told of a single reading. */
  readonly id?: string
  readonly name?: string
  /** RFC 3339. */
  readonly read: string
  readonly preread: string
  readonly num_procs: number
  readonly storage_stats: Readonly<Record<string, never>>
  readonly pids_stats: { readonly current?: number; readonly limit?: number }
  readonly cpu_stats: CpuStats
  readonly precpu_stats: CpuStats
  readonly memory_stats: {
    readonly usage?: number
    readonly limit?: number
    readonly max_usage?: number
    /** Keys of the kernel's `memory.stat` (`inactive_file` is what clients subtract). */
    readonly stats?: Readonly<Record<string, number | bigint>>
  }
  readonly blkio_stats: {
    readonly io_service_bytes_recursive: readonly BlkioEntry[] | null
    readonly io_serviced_recursive: readonly BlkioEntry[] | null
    /** This and the rest: of schedulers that kernels have no more. */
    readonly io_queue_recursive?: readonly BlkioEntry[] | null
    readonly io_service_time_recursive?: readonly BlkioEntry[] | null
    readonly io_wait_time_recursive?: readonly BlkioEntry[] | null
    readonly io_merged_recursive?: readonly BlkioEntry[] | null
    readonly io_time_recursive?: readonly BlkioEntry[] | null
    readonly sectors_recursive?: readonly BlkioEntry[] | null
  }
  /** By interface name in the container. */
  readonly networks?: Readonly<Record<string, NetworkStats>>
}

/** Times in nanoseconds. */
export interface CpuStats {
  readonly cpu_usage: {
    readonly total_usage: number
    /** By processor, with the older layout of control groups. */
    readonly percpu_usage?: readonly number[]
    readonly usage_in_kernelmode: number
    readonly usage_in_usermode: number
  }
  readonly system_cpu_usage?: number
  readonly online_cpus?: number
  readonly throttling_data: {
    readonly periods: number
    readonly throttled_periods: number
    readonly throttled_time: number
  }
}

export interface BlkioEntry {
  readonly major: number
  readonly minor: number
  readonly op: string
  readonly value: number
}

export interface NetworkStats {
  readonly rx_bytes: number
  readonly rx_packets: number
  readonly rx_errors: number
  readonly rx_dropped: number
  readonly tx_bytes: number
  readonly tx_packets: number
  readonly tx_errors: number
  readonly tx_dropped: number
}
