import type { BlkioDeviceLimit, Limits } from './limits.ts'
import { cpuBandwidth, pidsValue, totalMemory } from './limits-v1.ts'
import { DEFAULT_PERIOD, type LimitPlan, type LimitWrite } from './writes.ts'

const IO_KEYS: Readonly<Record<Exclude<BlkioDeviceLimit['kind'], 'weight'>, string>> = {
  readBps: 'rbps',
  writeBps: 'wbps',
  readIops: 'riops',
  writeIops: 'wiops',
}

/** The limits as v2 control files (kernel: Documentation/admin-guide/cgroup-v2.rst). */
export function limitsV2(limits: Limits): LimitPlan {
  return {
    writes: [
      ...memory(limits),
      ...cpu(limits),
      ...cpuset(limits),
      { controller: 'pids', file: 'pids.max', value: pidsValue(limits), what: 'limit of processes' },
      ...io(limits),
    ],
    warnings: [
      ...(limits.swappiness === undefined ? [] : ['swappiness cannot be set for one group on cgroup v2']),
      ...(limits.rtRuntime === undefined && limits.rtPeriod === undefined
        ? []
        : ['real-time scheduling cannot be shared out on cgroup v2']),
      ...(limits.oomKillDisable ? ['the OOM killer cannot be switched off on cgroup v2'] : []),
    ],
  }
}

/**
 * v2 counts swap alone where Docker's number counts memory and swap together.
 */
function memory(limits: Limits): LimitWrite[] {
  const row = (file: string, value: number | 'max', what: string): LimitWrite => ({
    controller: 'memory',
    file,
    value: String(value),
    what,
  })
  const total = totalMemory(limits)
  const swap = total === undefined ? undefined : total < 0 ? 'max' : Math.max(0, total - (limits.memory ?? 0))
  return [
    ...(limits.memory === undefined ? [] : [row('memory.max', limits.memory, 'memory limit')]),
    ...(swap === undefined ? [] : [row('memory.swap.max', swap, 'swap limit')]),
    ...(limits.memoryReservation === undefined
      ? []
      : [row('memory.low', limits.memoryReservation, 'memory reservation')]),
  ]
}

function cpu(limits: Limits): LimitWrite[] {
  const { quota, period } = cpuBandwidth(limits)
  const bandwidth = quota === undefined && period === undefined
  const max = quota === undefined || quota < 0 ? 'max' : String(quota)
  return [
    ...(limits.cpuShares
      ? [
          {
            controller: 'cpu',
            file: 'cpu.weight',
            value: String(weightOfShares(limits.cpuShares)),
            what: 'CPU shares',
          },
        ]
      : []),
    ...(bandwidth
      ? []
      : [
          {
            controller: 'cpu',
            file: 'cpu.max',
            value: `${max} ${period ?? DEFAULT_PERIOD}`,
            what: 'CPU quota',
          },
        ]),
  ]
}

/**
 * v1 shares (2..262144, default 1024) as a v2 weight (1..10000, default 100). The curve meets all three points, so a
 * container without a wish competes as an equal of the host's services; the straight line that was used for years gave
 * it 39.
 */
function weightOfShares(shares: number): number {
  const bounded = Math.min(262_144, Math.max(2, shares))
  const log = Math.log2(bounded)
  const exponent = (log * log + 125 * log) / 612 - 7 / 34
  return Math.min(10_000, Math.max(1, Math.ceil(10 ** exponent - 1e-9)))
}

function cpuset(limits: Limits): LimitWrite[] {
  const row = (file: string, value: string | undefined, what: string): LimitWrite[] =>
    value ? [{ controller: 'cpuset', file, value, what }] : []
  return [
    ...row('cpuset.cpus', limits.cpusetCpus, 'set of CPUs'),
    ...row('cpuset.mems', limits.cpusetMems, 'set of memory nodes'),
  ]
}

function io(limits: Limits): LimitWrite[] {
  const devices = (limits.blkioDevices ?? []).map(device => {
    const node = `${device.major}:${device.minor}`
    return {
      controller: 'io',
      file: device.kind === 'weight' ? 'io.weight' : 'io.max',
      value:
        device.kind === 'weight'
          ? `${node} ${device.rate}`
          : `${node} ${IO_KEYS[device.kind]}=${device.rate}`,
      what: `block I/O limit of device ${node}`,
    }
  })
  if (!limits.blkioWeight) return devices
  // 10..1000 of v1 onto 1..10000 of v2, the ends on the ends.
  const weight = Math.round(1 + ((limits.blkioWeight - 10) * 9999) / 990)
  return [
    { controller: 'io', file: 'io.weight', value: `default ${weight}`, what: 'block I/O weight' },
    ...devices,
  ]
}
