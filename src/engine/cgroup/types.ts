import type { GroupBudget } from './budget.ts'
import type { ValueDrift } from './compare.ts'
import type { Limits } from './limits.ts'
import type { GroupHome } from './places.ts'

/** Folders of one container's groups. */
export interface CgroupPaths {
  /** The v2 folder (with controllers on v2, without on a hybrid host), for CLONE_INTO_CGROUP and cgroup.kill. */
  readonly unified?: string
  /** v1 folders by controller (`memory`, `pids` …), one entry a hierarchy. */
  readonly v1: Readonly<Record<string, string>>
  /** File that counts OOM kills (`memory.oom_control` or `memory.events`), for the monitor. */
  readonly oomCounter?: string
}

/** What one observation of a container's groups says; absent = this machine cannot tell. */
export interface CgroupStats {
  readonly cpuUsageNs?: number
  /** By processor; the newer layout does not tell. */
  readonly cpuUsageEachNs?: readonly number[]
  readonly cpuUserNs?: number
  readonly cpuSystemNs?: number
  readonly throttledPeriods?: number
  readonly throttledNs?: number
  readonly periods?: number
  readonly memoryUsage?: number
  readonly memoryLimit?: number
  readonly memoryMaxUsage?: number
  /** Every line of memory.stat. */
  readonly memoryDetail?: Readonly<Record<string, number | bigint>>
  readonly pidsCurrent?: number
  readonly pidsLimit?: number
  readonly oomKills?: number
  readonly blkio?: readonly BlkioStat[]
}

export interface BlkioStat {
  readonly major: number
  readonly minor: number
  readonly readBytes: number
  readonly writeBytes: number
  readonly reads: number
  readonly writes: number
}

/** What control files have said in one look, by path; undefined of one that is not there. */
export type SaidBefore = (path: string) => string | undefined

/** What has a container's processes stand still, by its own group or, behind the engine's back, by one around it. */
export interface ContainerFreezer {
  /** Resolves when they stand still: FREEZE_REFUSED. */
  freeze(): Promise<void>
  /** Has them go on, whichever of these groups is frozen; resolves when they do: FREEZE_REFUSED. */
  thaw(): Promise<void>
  /** Thaws all but the group by which a monitor has its container sleep. */
  release(): void
  /** Whether they stand still since their own group was frozen. */
  frozen(): boolean
  /** Whether they were told to, also by a group around it: a process may take its time until it is frozen. */
  freezing(said?: SaidBefore): boolean
  /** The same but for the group by which a monitor has its container sleep. */
  held(said?: SaidBefore): boolean
}

/** The containers' groups of one engine. All functions are idempotent; files are tiny, so the calls are synchronous. */
export interface Cgroups {
  readonly version: 1 | 2
  /** What this machine cannot keep, found when the groups were opened. */
  readonly warnings: readonly string[]
  /**
   * Tells by whom the groups around containers' are known: parents, paths of names without dots, and budgets. They lie in a folder
   * of the engine's own, are made with the first container in them and go with the last.
   */
  followHomes(homeOf: (id: string) => GroupHome | undefined): void
  /** Paths of a container's groups, whether they exist or not: pure. */
  pathsOf(id: string): CgroupPaths
  /** The same of the budget that it shares, if any. */
  budgetPathsOf(id: string): CgroupPaths | undefined
  /**
   * Makes the groups and writes the limits. Returns warnings, one for each limit that this machine cannot keep; a limit
   * that the kernel refuses is a `Failure` (`LIMIT_REFUSED`).
   */
  ensure(id: string, limits: Limits): string[]
  /** The warnings that `ensure` will return, before there are groups. */
  lost(limits: Limits, budget?: GroupBudget): string[]
  /** Changes limits of groups that exist (`docker update`); same warnings and failure. */
  update(id: string, limits: Limits): string[]
  /** As `update`, and lifts what the group had `before` and is not to have any more. */
  change(id: string, limits: Limits, before: Limits): string[]
  /**
   * Writes a budget whose group exists, and the limits of those in it that have groups, which may depend on it; same warnings and
   * failure.
   */
  updateBudget(budget: GroupBudget, members: ReadonlyMap<string, Limits>): string[]
  /**
   * What control files of a container's groups have otherwise than `update` has written it, and limits that nobody has asked for; `said`: what they
   * have said already, else they are read.
   */
  observe(id: string, limits: Limits, said?: SaidBefore): ValueDrift[]
  /** The files that say all of what `observe` and `freezing` look at: while they say the same, those do. */
  filesOf(id: string, limits: Limits): string[]
  /** The same as `observe` of a budget's. */
  observeBudget(budget: GroupBudget): ValueDrift[]
  /** Makes the groups anew where they are missing, and writes all that `observe` looks at; warnings and failure as of `ensure`. */
  restore(id: string, limits: Limits): string[]
  /** How a container's groups are called in each hierarchy, as /proc/<pid>/cgroup ends with it where it is seen from the host. */
  nameOf(id: string): string
  /**
   * Kills what is still inside, then removes the groups, waiting while the kernel lets go. The
   * engine's own folders stay for the next until `close`. No group is no error.
   */
  remove(id: string): Promise<void>
  /** Whether there may be groups of it: where there is no v2 to ask, always. */
  has(id: string): boolean
  /** Folders of its groups that are not there. */
  missing(id: string): string[]
  /** SIGKILL to every process inside. */
  kill(id: string): Promise<void>
  /** What freezes a container's processes. */
  freezer(id: string): ContainerFreezer
  /** Pids inside, in the engine's pid namespace. */
  processes(id: string): number[]
  stats(id: string): CgroupStats
  /** What all that share the container's budget use together; nothing where it has none. */
  budgetStats(id: string): CgroupStats | undefined
  /** Removes the engine's own parent folders where no container's group is left: it ends, or looks what can be had here. */
  close(): void
  /** Ids of containers that have groups: for adoption and for finding leftovers. */
  list(): string[]
}
