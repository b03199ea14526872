import type { BlkioDeviceLimit, Limits } from './limits.ts'
import { cpuBandwidth, THROTTLE_FILES, totalMemory } from './limits-v1.ts'
import { DEFAULT_PERIOD, type LimitWrite } from './writes.ts'

/** Limits of every kind that a group is likely to have had, where nobody knows which. */
export const ANY_LIMITS: Limits = {
  memory: 1,
  memorySwap: 1,
  memoryReservation: 1,
  nanoCpus: 1,
  cpuShares: 1,
  cpusetCpus: '0',
  cpusetMems: '0',
  blkioWeight: 10,
}

/** Limits that are one too many where nobody has asked for them. */
export const UNASKED: Limits = { memory: 1, memorySwap: 1, memoryReservation: 1, nanoCpus: 1, cpuShares: 1 }

/** Nobody asks for a group that has processors when nobody else wants them; one that is so takes no weight. */
export const NOT_IDLE: LimitWrite = {
  controller: 'cpu',
  file: 'cpu.idle',
  value: '0',
  what: 'lifting of cpu.idle',
}

/** What the group above has in a file; undefined where there is none. */
type Inherited = (controller: string, file: string) => string | undefined

/**
 * The writes that lift what a group had `before` and is not to have any more, to be done before those of the new limits: a limit that is not
 * given is not written otherwise. Where the machine has no such file there was no such limit.
 */
export function limitLifts(
  version: 1 | 2,
  before: Limits,
  limits: Limits,
  inherited: Inherited,
): LimitWrite[] {
  const isGone = (name: keyof Limits): boolean => before[name] !== undefined && limits[name] === undefined
  const row = (controller: string, file: string, value: string | undefined): LimitWrite[] =>
    value === undefined ? [] : [{ controller, file, value, what: `lifting of ${file}` }]
  const sets = (['cpuset.cpus', 'cpuset.mems'] as const).flatMap(file => {
    const name = file === 'cpuset.cpus' ? 'cpusetCpus' : 'cpusetMems'
    if (!isGone(name)) return []
    // Neither layout lets a group with processes have none.
    return row('cpuset', file, inherited('cpuset', version === 2 ? `${file}.effective` : file))
  })
  const all: readonly (readonly [boolean, LimitWrite[]])[] =
    version === 2
      ? [
          [isGone('memory'), row('memory', 'memory.max', 'max')],
          // A limit of memory alone is one of swap, too.
          [isSwapGone(before, limits), row('memory', 'memory.swap.max', 'max')],
          [isGone('memoryReservation'), row('memory', 'memory.low', '0')],
          [isBandwidthGone(before, limits), row('cpu', 'cpu.max', `max ${DEFAULT_PERIOD}`)],
          [isGone('cpuShares'), row('cpu', 'cpu.weight', '100')],
          [isGone('blkioWeight'), row('io', 'io.weight', 'default 100')],
        ]
      : [
          // The kernel takes no limit of memory above that of memory and swap.
          [isGone('memory'), row('memory', 'memory.memsw.limit_in_bytes', '-1')],
          [isGone('memory'), row('memory', 'memory.limit_in_bytes', '-1')],
          [isGone('memoryReservation'), row('memory', 'memory.soft_limit_in_bytes', '-1')],
          [
            isGone('swappiness'),
            row('memory', 'memory.swappiness', inherited('memory', 'memory.swappiness')),
          ],
          [isGone('oomKillDisable'), row('memory', 'memory.oom_control', '0')],
          [isBandwidthGone(before, limits), row('cpu', 'cpu.cfs_quota_us', '-1')],
          [isGone('cpuShares'), row('cpu', 'cpu.shares', '1024')],
          [isGone('rtRuntime'), row('cpu', 'cpu.rt_runtime_us', '0')],
          [isGone('blkioWeight'), row('blkio', 'blkio.weight', '500')],
        ]
  return [
    ...all.flatMap(([isLifted, writes]) => (isLifted ? writes : [])),
    ...sets,
    ...devices(version, before, limits),
  ]
}

function isSwapGone(before: Limits, limits: Limits): boolean {
  return totalMemory(before) !== undefined && totalMemory(limits) === undefined
}

function isBandwidthGone(before: Limits, limits: Limits): boolean {
  return cpuBandwidth(before).quota !== undefined && cpuBandwidth(limits).quota === undefined
}

const V2_KEYS: Readonly<Record<BlkioDeviceLimit['kind'], string>> = {
  readBps: 'rbps=max',
  writeBps: 'wbps=max',
  readIops: 'riops=max',
  writeIops: 'wiops=max',
  weight: 'default',
}

function devices(
  version: 1 | 2,
  { blkioDevices: before = [] }: Limits,
  { blkioDevices: wanted = [] }: Limits,
): LimitWrite[] {
  const isSame = (a: BlkioDeviceLimit, b: BlkioDeviceLimit): boolean =>
    a.kind === b.kind && a.major === b.major && a.minor === b.minor
  const gone = before.filter(each => !wanted.some(other => isSame(each, other)))
  return gone.map(({ kind, major, minor }) => {
    const what = `lifting of block I/O limit of device ${major}:${minor}`
    if (version === 1)
      return { controller: 'blkio', file: THROTTLE_FILES[kind], value: `${major}:${minor} 0`, what }
    const file = kind === 'weight' ? 'io.weight' : 'io.max'
    return { controller: 'io', file, value: `${major}:${minor} ${V2_KEYS[kind]}`, what }
  })
}
