import type { ProcSource } from '../../native/index.ts'
import type { CgroupPaths } from './types.ts'

/** Paths of files that /proc of a container is made of. What a layout does not have, or the container no group of, is absent. */
export type ProcSources = Readonly<Partial<Record<ProcSource, string>>>

const HOST: ProcSources = {
  hostMemory: '/proc/meminfo',
  hostStat: '/proc/stat',
  hostProcessors: '/proc/cpuinfo',
  hostDisks: '/proc/diskstats',
  hostSwaps: '/proc/swaps',
}

type Files = Readonly<Partial<Record<ProcSource, readonly [controller: string, file: string]>>>

const V1: Files = {
  memoryLimit: ['memory', 'memory.limit_in_bytes'],
  memoryUsage: ['memory', 'memory.usage_in_bytes'],
  memoryStat: ['memory', 'memory.stat'],
  swapLimit: ['memory', 'memory.memsw.limit_in_bytes'],
  swapUsage: ['memory', 'memory.memsw.usage_in_bytes'],
  cpuQuota: ['cpu', 'cpu.cfs_quota_us'],
  cpuPeriod: ['cpu', 'cpu.cfs_period_us'],
  cpuSet: ['cpuset', 'cpuset.effective_cpus'],
  cpuStat: ['cpuacct', 'cpuacct.stat'],
  processes: ['pids', 'pids.current'],
  ioBytes: ['blkio', 'blkio.throttle.io_service_bytes_recursive'],
  ioOperations: ['blkio', 'blkio.throttle.io_serviced_recursive'],
}

const V2: Files = {
  memoryLimit: ['memory', 'memory.max'],
  memoryUsage: ['memory', 'memory.current'],
  memoryStat: ['memory', 'memory.stat'],
  swapLimit: ['memory', 'memory.swap.max'],
  swapUsage: ['memory', 'memory.swap.current'],
  cpuMax: ['cpu', 'cpu.max'],
  cpuSet: ['cpuset', 'cpuset.cpus.effective'],
  cpuStat: ['cpu', 'cpu.stat'],
  processes: ['pids', 'pids.current'],
  ioStat: ['io', 'io.stat'],
}

/** Of the budget that a container shares: what else there is of it is its members' own. */
const OF_BUDGET: Readonly<Partial<Record<ProcSource, ProcSource>>> = {
  budgetMemoryLimit: 'memoryLimit',
  budgetMemoryUsage: 'memoryUsage',
  budgetCpuMax: 'cpuMax',
  budgetCpuQuota: 'cpuQuota',
  budgetCpuPeriod: 'cpuPeriod',
}

/** The files that tell what a container may use and uses, with those of the budget that it shares, if any. */
export function procSources(version: 1 | 2, own: CgroupPaths, budget?: CgroupPaths): ProcSources {
  const files = version === 1 ? V1 : V2
  const all: Partial<Record<ProcSource, string>> = { ...HOST }
  const add = (as: ProcSource, paths: CgroupPaths, name: ProcSource): void => {
    const [controller, file] = files[name] ?? []
    if (controller === undefined) return
    const folder = version === 2 ? paths.unified : folderOf(paths, controller)
    if (folder !== undefined) all[as] = `${folder}/${file}`
  }
  for (const name of Object.keys(files) as ProcSource[]) add(name, own, name)
  if (budget === undefined) return all
  for (const [as, name] of Object.entries(OF_BUDGET)) add(as as ProcSource, budget, name)
  return all
}

/** Where a controller shares its hierarchy with others, the key names them all. */
function folderOf({ v1 }: CgroupPaths, controller: string): string | undefined {
  if (v1[controller] !== undefined) return v1[controller]
  const shared = Object.keys(v1).find(key => key.split(',').includes(controller))
  return shared === undefined ? undefined : v1[shared]
}
