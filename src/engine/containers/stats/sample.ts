import { readFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import type { ContainerStats, CpuStats } from '../../../api/types/index.ts'
import { timestamp } from '../../../linux/wall-clock.ts'
import type { CgroupStats } from '../../cgroup/index.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import { ZERO_TIME } from '../../words/timestamps.ts'
import { networksOf } from './network-counters.ts'

const NO_CPU: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
}

/** Bytes; a machine keeps what it has. */
const MACHINE_MEMORY = totalmem()

/** What a sample takes of the machine: read once where many containers are sampled. */
export interface MachineSample {
  /** RFC 3339. */
  readonly read: string
  /** Nanoseconds of all processors since boot, as Docker counts them. */
  readonly systemCpu: number
}

/** Reads the machine's share of a sample: the first line of /proc/stat. */
export function sampleMachine(): MachineSample {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/) ?? []
  const sum = ticks.slice(0, 8).reduce((total, each) => total + Number(each), 0)
  return { read: timestamp(), systemCpu: sum * 10_000_000 }
}

/** What a container uses now; of one that does not run there are zeroes. `before`: the sample that its processor share is told against. */
export function sample(
  engine: Pick<EngineContext, 'host'>,
  container: Container,
  { read, systemCpu }: MachineSample,
  before?: ContainerStats,
): ContainerStats {
  const base = {
    id: container.id,
    name: `/${container.name}`,
    // Of one that does not run Docker says no time.
    read: container.active ? read : ZERO_TIME,
    preread: before?.read ?? ZERO_TIME,
    num_procs: 0,
    storage_stats: {},
    precpu_stats: before?.cpu_stats ?? NO_CPU,
  }
  if (!container.active) {
    return {
      ...base,
      pids_stats: {},
      cpu_stats: NO_CPU,
      memory_stats: {},
      blkio_stats: blkioLists(null),
    }
  }
  const stats = engine.host.cgroups.stats(container.id)
  const given = <K extends string>(key: K, value: number | undefined): Partial<Record<K, number>> =>
    value === undefined ? {} : ({ [key]: value } as Record<K, number>)
  return {
    ...base,
    pids_stats: { ...given('current', stats.pidsCurrent), ...given('limit', stats.pidsLimit) },
    cpu_stats: cpuStats(stats, systemCpu),
    memory_stats: {
      ...given('usage', stats.memoryUsage),
      ...given('max_usage', stats.memoryMaxUsage),
      limit: memoryLimit(stats.memoryLimit, container.terms.group.budget?.memory),
      ...(stats.memoryDetail === undefined ? {} : { stats: stats.memoryDetail }),
    },
    blkio_stats: blkioStats(stats),
    ...networksOf(container),
  }
}

/** The tighter of its own and its budget's; without a limit Docker says the machine's memory. */
function memoryLimit(own = MACHINE_MEMORY, shared = MACHINE_MEMORY): number {
  return Math.min(own, shared, MACHINE_MEMORY)
}

function cpuStats(stats: CgroupStats, systemCpu: number): CpuStats {
  return {
    cpu_usage: {
      total_usage: stats.cpuUsageNs ?? 0,
      ...(stats.cpuUsageEachNs === undefined ? {} : { percpu_usage: stats.cpuUsageEachNs }),
      usage_in_kernelmode: stats.cpuSystemNs ?? 0,
      usage_in_usermode: stats.cpuUserNs ?? 0,
    },
    system_cpu_usage: systemCpu,
    online_cpus: availableParallelism(),
    throttling_data: {
      periods: stats.periods ?? 0,
      throttled_periods: stats.throttledPeriods ?? 0,
      throttled_time: stats.throttledNs ?? 0,
    },
  }
}

function blkioLists(empty: [] | null): ContainerStats['blkio_stats'] {
  return {
    io_service_bytes_recursive: empty,
    io_serviced_recursive: empty,
    io_queue_recursive: empty,
    io_service_time_recursive: empty,
    io_wait_time_recursive: empty,
    io_merged_recursive: empty,
    io_time_recursive: empty,
    sectors_recursive: empty,
  }
}

function blkioStats({ blkio = [] }: CgroupStats): ContainerStats['blkio_stats'] {
  return {
    ...blkioLists([]),
    io_service_bytes_recursive: blkio.flatMap(({ major, minor, readBytes, writeBytes }) => [
      { major, minor, op: 'read', value: readBytes },
      { major, minor, op: 'write', value: writeBytes },
    ]),
    io_serviced_recursive: blkio.flatMap(({ major, minor, reads, writes }) => [
      { major, minor, op: 'read', value: reads },
      { major, minor, op: 'write', value: writes },
    ]),
  }
}
