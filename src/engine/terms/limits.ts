import type { ThrottleDevice } from '../../api/types/index.ts'
import type { BlkioDeviceLimit, Limits } from '../cgroup/index.ts'
import { checkCpu, checkMemory, checkSet } from './limit-checks.ts'
import type { Given, Term } from './term.ts'

/** Linux has no more on 64 bits (`PID_MAX_LIMIT`), and its control groups take no more for a limit. */
const MOST_PROCESSES = 4_194_304

/** Limits of the whole container, but for devices, which are known by their paths. */
export interface LimitTerms extends Omit<Limits, 'blkioDevices'> {
  readonly blkioDevices?: readonly DeviceLimit[]
}

type DeviceLimit = Pick<BlkioDeviceLimit, 'kind' | 'rate'> & { readonly path: string }

type Own =
  | 'Memory'
  | 'MemorySwap'
  | 'MemoryReservation'
  | 'MemorySwappiness'
  | 'OomKillDisable'
  | 'NanoCpus'
  | 'CpuQuota'
  | 'CpuPeriod'
  | 'CpuShares'
  | 'CpuRealtimePeriod'
  | 'CpuRealtimeRuntime'
  | 'CpusetCpus'
  | 'CpusetMems'
  | 'PidsLimit'
  | 'BlkioWeight'
  | 'BlkioWeightDevice'
  | 'BlkioDeviceReadBps'
  | 'BlkioDeviceWriteBps'
  | 'BlkioDeviceReadIOps'
  | 'BlkioDeviceWriteIOps'

/** What the container may use of the machine. MEMORY_INVALID, CPU_INVALID, BLKIO_INVALID. */
export const limitsTerm: Term<Own, LimitTerms> = {
  fields: {
    Memory: true,
    MemorySwap: true,
    MemoryReservation: true,
    MemorySwappiness: true,
    OomKillDisable: true,
    NanoCpus: true,
    CpuQuota: true,
    CpuPeriod: true,
    CpuShares: true,
    CpuRealtimePeriod: true,
    CpuRealtimeRuntime: true,
    CpusetCpus: true,
    CpusetMems: true,
    PidsLimit: true,
    BlkioWeight: true,
    BlkioWeightDevice: true,
    BlkioDeviceReadBps: true,
    BlkioDeviceWriteBps: true,
    BlkioDeviceReadIOps: true,
    BlkioDeviceWriteIOps: true,
  },
  path: 'HostConfig.Memory',
  read: limitsOf,
  check: (given, problems, machine) => {
    checkMemory(given, problems)
    checkCpu(given, problems, machine)
    checkSet('CpusetCpus', given.CpusetCpus, problems, machine)
    checkSet('CpusetMems', given.CpusetMems, problems, machine)
    const { BlkioWeight = 0 } = given
    if (BlkioWeight !== 0 && (BlkioWeight < 10 || BlkioWeight > 1000))
      problems.add('BLKIO_INVALID', 'HostConfig.BlkioWeight', `got ${BlkioWeight}, want 10 to 1000`, {
        facts: {},
      })
    const { PidsLimit: pids } = given
    if ((pids ?? 0) > MOST_PROCESSES)
      problems.add('PIDS_INVALID', 'HostConfig.PidsLimit', `got ${pids}, want at most ${MOST_PROCESSES}`)
  },
}

/** The limits in the words of control groups, which know devices by numbers. */
export function kernelLimits(
  { blkioDevices, ...limits }: LimitTerms,
  numbersOf: (path: string) => { readonly major: number; readonly minor: number },
): Limits {
  if (blkioDevices === undefined) return limits
  return {
    ...limits,
    blkioDevices: blkioDevices.map(({ path, ...limit }) => ({ ...limit, ...numbersOf(path) })),
  }
}

/**
 * What a container is made with: 0 is no number of processes, as the Docker CLI sends it without `--pids-limit`, and leaves it at the
 * default. No limit is kept and told as 0.
 */
export function madeWithPids<T extends Pick<Given, 'PidsLimit'>>(host: T): T {
  return host.PidsLimit === 0 ? { ...host, PidsLimit: undefined } : withoutNegative(host)
}

/** No limit of processes is kept and told as 0, whatever is below it: Docker takes each such number. */
export function withoutNegative<T extends Pick<Given, 'PidsLimit'>>(host: T): T {
  return (host.PidsLimit ?? 0) < 0 ? { ...host, PidsLimit: 0 } : host
}

/** Zeroes mean «not set» in Docker's API. */
function limitsOf(given: Pick<Given, Own>): LimitTerms {
  const { PidsLimit: pids, MemorySwappiness: swappiness } = given
  const blkioDevices = blkioDevicesOf(given)
  return {
    ...unlessZero('memory', given.Memory),
    ...unlessZero('memorySwap', given.MemorySwap),
    ...unlessZero('memoryReservation', given.MemoryReservation),
    ...(swappiness === undefined || swappiness < 0 ? {} : { swappiness }),
    ...(given.OomKillDisable === true ? { oomKillDisable: true } : {}),
    ...unlessZero('nanoCpus', given.NanoCpus),
    ...unlessZero('cpuQuota', given.CpuQuota),
    ...unlessZero('cpuPeriod', given.CpuPeriod),
    ...unlessZero('cpuShares', given.CpuShares),
    ...unlessZero('rtPeriod', given.CpuRealtimePeriod),
    ...unlessZero('rtRuntime', given.CpuRealtimeRuntime),
    ...(given.CpusetCpus ? { cpusetCpus: given.CpusetCpus } : {}),
    ...(given.CpusetMems ? { cpusetMems: given.CpusetMems } : {}),
    // Kept as 0 it is «unlimited», but an absent value means our default.
    ...(pids === undefined ? {} : { pids: pids <= 0 ? -1 : pids }),
    ...unlessZero('blkioWeight', given.BlkioWeight),
    ...(blkioDevices.length > 0 ? { blkioDevices } : {}),
  }
}

function unlessZero<K extends keyof Limits>(key: K, value: number | undefined): Partial<Record<K, number>> {
  return value === undefined || value === 0 ? {} : ({ [key]: value } as Record<K, number>)
}

function blkioDevicesOf(given: Pick<Given, Own>): DeviceLimit[] {
  const throttles = (kind: DeviceLimit['kind'], devices: readonly ThrottleDevice[] = []): DeviceLimit[] =>
    devices.map(({ Path, Rate }) => ({ kind, path: Path, rate: Rate }))
  return [
    ...throttles('readBps', given.BlkioDeviceReadBps),
    ...throttles('writeBps', given.BlkioDeviceWriteBps),
    ...throttles('readIops', given.BlkioDeviceReadIOps),
    ...throttles('writeIops', given.BlkioDeviceWriteIOps),
    ...(given.BlkioWeightDevice ?? []).map(
      ({ Path, Weight }): DeviceLimit => ({ kind: 'weight', path: Path, rate: Weight }),
    ),
  ]
}
