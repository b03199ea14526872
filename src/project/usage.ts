import type { ContainerStats } from '../api/types/index.ts'

/** What a container uses. */
export interface ContainerUsage {
  readonly id: string
  readonly name: string
  readonly service: string
  /** Percent of one processor since the sample before. */
  readonly cpu: number
  /** Bytes, without what the kernel would give back first (inactive file cache). */
  readonly memory: number
  /** Bytes: its limit, or the machine's memory; 0 of one that does not run. */
  readonly memoryLimit: number
  /** Bytes on all its interfaces. */
  readonly received: number
  readonly sent: number
  /** Bytes read from disks and written to them. */
  readonly blockRead: number
  readonly blockWritten: number
  /** Processes and threads. */
  readonly pids: number
}

/** What a sample says, in Docker's reckoning; `before` is an earlier sample of the same container. */
export function usageOf(
  stats: ContainerStats,
  before: ContainerStats | undefined,
  service: string,
): ContainerUsage {
  const { memory_stats: memory, blkio_stats: block, networks = {} } = stats
  const traffic = Object.values(networks)
  const blocks = (letter: string): number =>
    sum(
      (block.io_service_bytes_recursive ?? []).filter(({ op }) => op.toLowerCase().startsWith(letter)),
      'value',
    )
  return {
    id: stats.id ?? '',
    name: (stats.name ?? '').replace(/^\//, ''),
    service,
    cpu: before === undefined ? 0 : processorShare(stats, before),
    memory: withoutCache(memory),
    memoryLimit: memory.limit ?? 0,
    received: sum(traffic, 'rx_bytes'),
    sent: sum(traffic, 'tx_bytes'),
    blockRead: blocks('r'),
    blockWritten: blocks('w'),
    pids: stats.pids_stats.current ?? 0,
  }
}

function sum<K extends string>(rows: readonly Readonly<Record<K, number>>[], key: K): number {
  return rows.reduce((total, row) => total + row[key], 0)
}

/** The share of all processors' time that was the container's, times their number. */
function processorShare({ cpu_stats: now }: ContainerStats, { cpu_stats: then }: ContainerStats): number {
  const used = now.cpu_usage.total_usage - then.cpu_usage.total_usage
  const passed = (now.system_cpu_usage ?? 0) - (then.system_cpu_usage ?? 0)
  return used > 0 && passed > 0 ? (used / passed) * (now.online_cpus ?? 1) * 100 : 0
}

/** With cgroup v1 the count that includes groups below has a name of its own. */
function withoutCache({ usage = 0, stats = {} }: ContainerStats['memory_stats']): number {
  const cache = Number(stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0)
  return cache < usage ? usage - cache : usage
}
