import type { Limits } from './limits.ts'
import { cpuBandwidth } from './limits-v1.ts'
import { DEFAULT_PERIOD, type LimitWrite } from './writes.ts'

/** What several containers may use together. Absent: no limit. */
export interface GroupBudget {
  /** Of the project. */
  readonly name: string
  /** Bytes; as much swap again, as for a container. */
  readonly memory?: number
  /** Billionths of a processor. */
  readonly nanoCpus?: number
  readonly pids?: number
}

/**
 * A budget as values of control files, those that lift a limit too: one may have been there before. `currentMemsw` is as for
 * `limitsV1`.
 */
export function budgetWrites(version: 1 | 2, budget: GroupBudget, currentMemsw?: number): LimitWrite[] {
  return [...memory(version, budget, currentMemsw), ...cpu(version, budget), ...processes(budget)]
}

/** Whether a write only lifts what may never have been there: nobody misses it where the file is not. */
export function lifts({ value }: LimitWrite): boolean {
  return /^(-1|max\b)/.test(value)
}

function memory(version: 1 | 2, { memory: bytes }: GroupBudget, currentMemsw?: number): LimitWrite[] {
  const row = (file: string, value: number | string, what: string): LimitWrite => ({
    controller: 'memory',
    file,
    value: String(value),
    what,
  })
  if (version === 2)
    return [
      row('memory.max', bytes ?? 'max', 'memory limit of the project'),
      row('memory.swap.max', bytes ?? 'max', 'swap limit of the project'),
    ]
  const limit = row('memory.limit_in_bytes', bytes ?? -1, 'memory limit of the project')
  const swap = row(
    'memory.memsw.limit_in_bytes',
    bytes === undefined ? -1 : 2 * bytes,
    'swap limit of the project',
  )
  // Memory may never be above both together.
  return bytes === undefined || bytes > (currentMemsw ?? Number.POSITIVE_INFINITY)
    ? [swap, limit]
    : [limit, swap]
}

function cpu(version: 1 | 2, { nanoCpus }: GroupBudget): LimitWrite[] {
  const quota = nanoCpus === undefined ? undefined : quotaOf(nanoCpus, DEFAULT_PERIOD)
  const row = (file: string, value: string): LimitWrite => ({
    controller: 'cpu',
    file,
    value,
    what: 'CPU quota of the project',
  })
  if (version === 2) return [row('cpu.max', `${quota ?? 'max'} ${DEFAULT_PERIOD}`)]
  if (quota === undefined) return [row('cpu.cfs_quota_us', '-1')]
  return [row('cpu.cfs_period_us', String(DEFAULT_PERIOD)), row('cpu.cfs_quota_us', String(quota))]
}

function processes({ pids }: GroupBudget): LimitWrite[] {
  return [
    {
      controller: 'pids',
      file: 'pids.max',
      value: String(pids ?? 'max'),
      what: 'limit of processes of the project',
    },
  ]
}

function quotaOf(nanoCpus: number, period: number): number {
  return Math.max(1000, Math.floor((nanoCpus * period) / 1e9))
}

/**
 * The limits of a container in a budget as v1 takes them: it refuses a quota that is worth more than that of the group around it,
 * which v2 bounds by itself.
 */
export function withinBudget(limits: Limits, budget: GroupBudget | undefined): Limits {
  const { quota, period = DEFAULT_PERIOD } = cpuBandwidth(limits)
  if (budget?.nanoCpus === undefined || quota === undefined || quota < 0) return limits
  const most = quotaOf(budget.nanoCpus, period)
  if (quota <= most) return limits
  const { nanoCpus: _, ...others } = limits
  return { ...others, cpuQuota: most, cpuPeriod: period }
}
