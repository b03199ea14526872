import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerStats, ContainerStatsOptions, CpuStats, NetworkStats } from '../../api/types/index.ts'
import { errnoOf } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

const ZERO = '0001-01-01T00:00:00Z'
const NO_CPU: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
}

/** `GET /containers/{id}/stats`: one sample a second; the cpu share needs two readings, `oneShot` does without. */
export async function* streamStats(
  engine: Pick<EngineContext, 'host'>,
  container: Container,
  options: ContainerStatsOptions,
  signal: AbortSignal,
): AsyncGenerator<ContainerStats, void, undefined> {
  let before = options.oneShot ? undefined : sample(engine, container, undefined)
  while (!signal.aborted) {
    if (before !== undefined || options.stream) await sleep(1000, undefined, { signal }).catch(ignoreAbort)
    if (signal.aborted) return
    const now = sample(engine, container, before)
    yield now
    if (!options.stream) return
    before = now
  }
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'AbortError') throw error
}

function sample(
  engine: Pick<EngineContext, 'host'>,
  container: Container,
  before: ContainerStats | undefined,
): ContainerStats {
  const read = new Date().toISOString()
  const base = {
    id: container.id,
    name: `/${container.name}`,
    read,
    preread: before?.read ?? ZERO,
    num_procs: 0,
    precpu_stats: before?.cpu_stats ?? NO_CPU,
  }
  if (!container.active) {
    return {
      ...base,
      pids_stats: {},
      cpu_stats: NO_CPU,
      memory_stats: {},
      blkio_stats: { io_service_bytes_recursive: null, io_serviced_recursive: null },
    }
  }
  const stats = engine.host.cgroups.stats(container.id)
  const given = <K extends string>(key: K, value: number | undefined): Partial<Record<K, number>> =>
    value === undefined ? {} : ({ [key]: value } as Record<K, number>)
  return {
    ...base,
    pids_stats: { ...given('current', stats.pidsCurrent), ...given('limit', stats.pidsLimit) },
    cpu_stats: {
      cpu_usage: {
        total_usage: stats.cpuUsageNs ?? 0,
        usage_in_kernelmode: stats.cpuSystemNs ?? 0,
        usage_in_usermode: stats.cpuUserNs ?? 0,
      },
      system_cpu_usage: systemCpu(),
      online_cpus: availableParallelism(),
      throttling_data: {
        periods: stats.periods ?? 0,
        throttled_periods: stats.throttledPeriods ?? 0,
        throttled_time: stats.throttledNs ?? 0,
      },
    },
    memory_stats: {
      ...given('usage', stats.memoryUsage),
      ...given('max_usage', stats.memoryMaxUsage),
      limit: memoryLimit(stats.memoryLimit),
      ...(stats.memoryDetail === undefined ? {} : { stats: stats.memoryDetail }),
    },
    blkio_stats: {
      io_service_bytes_recursive: (stats.blkio ?? []).flatMap(({ major, minor, readBytes, writeBytes }) => [
        { major, minor, op: 'read', value: readBytes },
        { major, minor, op: 'write', value: writeBytes },
      ]),
    },
    ...networksOf(container),
  }
}

/** Nanoseconds of all processors since boot, as Docker counts them: the first line of /proc/stat. */
function systemCpu(): number {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/) ?? []
  return ticks.slice(0, 8).reduce((sum, each) => sum + Number(each), 0) * 10_000_000
}

/** Without a limit Docker says the machine's memory. */
function memoryLimit(limit: number | undefined): number {
  const total = Number(/^MemTotal:\s+(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0) * 1024
  return limit === undefined ? total : Math.min(limit, total)
}

/** What the host's interfaces count is not the container's. */
function networksOf({ terms, live }: Container): Pick<ContainerStats, 'networks'> {
  if (terms.network.mode.kind === 'host') return {}
  return { networks: networkStats(live?.status?.pid ?? 0) }
}

function networkStats(pid: number): Record<string, NetworkStats> {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/net/dev`, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ESRCH' || errnoOf(error) === 'EINVAL') return {}
    throw error
  }
  const interfaces = text.split('\n').flatMap((line): [string, NetworkStats][] => {
    const [, name = '', counters = ''] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? []
    if (name === '' || name === 'lo') return []
    const values = counters.split(/\s+/).map(Number)
    const at = (index: number): number => values[index] ?? 0
    const received = { rx_bytes: at(0), rx_packets: at(1), rx_errors: at(2), rx_dropped: at(3) }
    return [
      [name, { ...received, tx_bytes: at(8), tx_packets: at(9), tx_errors: at(10), tx_dropped: at(11) }],
    ]
  })
  return Object.fromEntries(interfaces)
}
