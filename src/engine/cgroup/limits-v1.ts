import { type BlkioDeviceLimit, DEFAULT_PIDS_LIMIT, type Limits } from './limits.ts'
import { DEFAULT_PERIOD, type LimitPlan, type LimitWrite } from './writes.ts'

/** Where throttles of one device are written. */
export const THROTTLE_FILES: Readonly<Record<BlkioDeviceLimit['kind'], string>> = {
  readBps: 'blkio.throttle.read_bps_device',
  writeBps: 'blkio.throttle.write_bps_device',
  readIops: 'blkio.throttle.read_iops_device',
  writeIops: 'blkio.throttle.write_iops_device',
  weight: 'blkio.weight_device',
}

/**
 * The limits as v1 control files. `currentMemsw` is the present memory+swap limit, if known: the kernel refuses a
 * memory limit above it, so raising both must begin with the larger one.
 */
export function limitsV1(limits: Limits, currentMemsw?: number): LimitPlan {
  return {
    writes: [
      ...memory(limits, currentMemsw),
      ...cpu(limits),
      ...cpuset(limits),
      { controller: 'pids', file: 'pids.max', value: pidsValue(limits), what: 'limit of processes' },
      ...blkio(limits),
    ],
    warnings: [],
  }
}

/** The value of `pids.max`, which both layouts spell alike. */
export function pidsValue(limits: Limits): string {
  const pids = limits.pids ?? DEFAULT_PIDS_LIMIT
  return pids > 0 ? String(pids) : 'max'
}

/** Memory and swap together when only memory is given: as much swap again, as Docker. */
export function totalMemory(limits: Limits): number | undefined {
  if (limits.memorySwap !== undefined && limits.memorySwap !== 0) return limits.memorySwap
  return limits.memory === undefined ? undefined : 2 * limits.memory
}

function memory(limits: Limits, currentMemsw: number | undefined): LimitWrite[] {
  const row = (file: string, value: number, what: string): LimitWrite => ({
    controller: 'memory',
    file,
    value: String(value),
    what,
  })
  const total = totalMemory(limits)
  const limit =
    limits.memory === undefined ? [] : [row('memory.limit_in_bytes', limits.memory, 'memory limit')]
  const swap = total === undefined ? [] : [row('memory.memsw.limit_in_bytes', total, 'swap limit')]
  const raising = (limits.memory ?? 0) > (currentMemsw ?? Number.POSITIVE_INFINITY)
  return [
    ...(raising ? [...swap, ...limit] : [...limit, ...swap]),
    ...(limits.memoryReservation === undefined
      ? []
      : [row('memory.soft_limit_in_bytes', limits.memoryReservation, 'memory reservation')]),
    ...(limits.swappiness === undefined ? [] : [row('memory.swappiness', limits.swappiness, 'swappiness')]),
    ...(limits.oomKillDisable ? [row('memory.oom_control', 1, 'OOM killer off')] : []),
  ]
}

function cpu(limits: Limits): LimitWrite[] {
  const row = (file: string, value: number, what: string): LimitWrite => ({
    controller: 'cpu',
    file,
    value: String(value),
    what,
  })
  const { quota, period } = cpuBandwidth(limits)
  return [
    ...(limits.cpuShares ? [row('cpu.shares', limits.cpuShares, 'CPU shares')] : []),
    ...(period === undefined ? [] : [row('cpu.cfs_period_us', period, 'CPU period')]),
    ...(quota === undefined ? [] : [row('cpu.cfs_quota_us', quota, 'CPU quota')]),
    ...(limits.rtPeriod === undefined ? [] : [row('cpu.rt_period_us', limits.rtPeriod, 'real-time period')]),
    ...(limits.rtRuntime === undefined
      ? []
      : [row('cpu.rt_runtime_us', limits.rtRuntime, 'real-time runtime')]),
  ]
}

/** Quota and period in microseconds that `nanoCpus` or the explicit pair mean; quota -1 lifts the limit. */
export function cpuBandwidth(limits: Limits): { readonly quota?: number; readonly period?: number } {
  if (limits.nanoCpus) {
    return { quota: Math.round((limits.nanoCpus * DEFAULT_PERIOD) / 1e9), period: DEFAULT_PERIOD }
  }
  return {
    ...(limits.cpuQuota ? { quota: limits.cpuQuota } : {}),
    ...(limits.cpuPeriod ? { period: limits.cpuPeriod } : {}),
  }
}

function cpuset(limits: Limits): LimitWrite[] {
  const row = (file: string, value: string | undefined, what: string): LimitWrite[] =>
    value ? [{ controller: 'cpuset', file, value, what }] : []
  return [
    ...row('cpuset.cpus', limits.cpusetCpus, 'set of CPUs'),
    ...row('cpuset.mems', limits.cpusetMems, 'set of memory nodes'),
  ]
}

function blkio(limits: Limits): LimitWrite[] {
  const devices = (limits.blkioDevices ?? []).map(device => ({
    controller: 'blkio',
    file: THROTTLE_FILES[device.kind],
    value: `${device.major}:${device.minor} ${device.rate}`,
    what: `block I/O limit of device ${device.major}:${device.minor}`,
  }))
  if (!limits.blkioWeight) return devices
  return [
    {
      controller: 'blkio',
      file: 'blkio.weight',
      value: String(limits.blkioWeight),
      what: 'block I/O weight',
    },
    ...devices,
  ]
}
