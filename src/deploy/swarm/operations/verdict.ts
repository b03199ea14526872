import type { ServiceInspect, TaskInspect, TaskSpec } from '../../../api/types/index.ts'

/** How far a service has come with what it is to be. */
export type Verdict =
  | { readonly kind: 'waiting' | 'running' | 'complete'; readonly detail: string }
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly summary: string
      /** The last task that has failed: its log says more. */
      readonly task?: TaskInspect
    }

/** What is known of tasks beyond what they say themselves. */
export interface Patience {
  /** Ids of tasks that were there before the change: what they did is of no matter. */
  readonly before: ReadonlySet<string>
  /** True for a task that has found no node for longer than one may be busy. */
  isStuck(task: TaskInspect): boolean
}

/** Ends of one task in a row after which it is given up. */
const TRIES = 3

const CODE = 'SWARM_TASKS_FAILED'

/** Whether the tasks of a service run as it says, or why they do not. Pure. */
export function verdictOf(
  service: ServiceInspect,
  tasks: readonly TaskInspect[],
  patience: Patience,
): Verdict {
  const { ReplicatedJob: job, GlobalJob: globalJob, Replicated: replicated } = service.Spec.Mode ?? {}
  const isJob = job !== undefined || globalJob !== undefined
  // Nobody updates a job: what a manager says of its update, or rollback, stays as it was said at the beginning.
  const update = isJob ? undefined : updateVerdict(service, tasks)
  if (update !== undefined) return update
  const own = tasks.filter(task => !patience.before.has(task.ID) && isCurrent(task, service))
  const live = tasks.filter(task => isLive(task) && isCurrent(task, service))
  const failed = failureOf(service, own, live, patience)
  if (failed !== undefined) return failed
  if (isJob) return jobVerdict(service)
  const wanted =
    replicated === undefined ? (service.ServiceStatus?.DesiredTasks ?? 0) : (replicated.Replicas ?? 1)
  const running = live.filter(({ Status }) => Status.State === 'running').length
  const ended = own.filter(task => task.Status.State === 'complete' && task.DesiredState !== 'running')
  if (running < wanted && live.length === 0 && ended.length >= wanted && wanted > 0 && mayEnd(service))
    return { kind: 'complete', detail: `${ended.length} ended` }
  if (running !== wanted || live.length !== wanted)
    return { kind: 'waiting', detail: `${running}/${wanted}${whyNot(live)}` }
  return { kind: 'running', detail: `${running}/${wanted}` }
}

/** An update that goes on, or has come to an end other than the wanted one. */
function updateVerdict(
  { Spec, UpdateStatus: status }: ServiceInspect,
  tasks: readonly TaskInspect[],
): Verdict | undefined {
  const name = Spec.Name ?? ''
  const last = lastFailed(tasks)
  const because = last?.Status.Err ?? ''
  switch (status?.State) {
    case 'updating':
    case 'rollback_started':
      return {
        kind: 'waiting',
        detail:
          status.State === 'updating' ? 'updating' : `rolling back${because === '' ? '' : `: ${because}`}`,
      }
    case 'paused':
    case 'rollback_paused':
      return {
        kind: 'failed',
        code: 'SWARM_UPDATE_PAUSED',
        summary: `the ${status.State === 'paused' ? 'update' : 'rollback'} of service "${name}" stopped half way: ${because || status.Message}`,
        ...(last && { task: last }),
      }
    case 'rollback_completed':
      return {
        kind: 'failed',
        code: 'SWARM_ROLLED_BACK',
        summary: `the update of service "${name}" failed, and it is what it was before: ${because || status.Message}`,
        ...(last && { task: last }),
      }
    default:
      return undefined
  }
}

function isLive({ DesiredState }: TaskInspect): boolean {
  return DesiredState === 'running' || DesiredState === 'ready'
}

/** A task that was made of what the service is now; where it may run it is not made anew for. */
function isCurrent({ Spec }: TaskInspect, service: ServiceInspect): boolean {
  return essence(Spec) === essence(service.Spec.TaskTemplate ?? {})
}

/** Without what managers say of services alone, and where tasks may run. */
function essence({ Placement: _, Runtime: __, ...spec }: TaskSpec): string {
  return JSON.stringify(sortKeys(spec))
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  )
}

function jobVerdict({ ServiceStatus: status }: ServiceInspect): Verdict {
  const { CompletedTasks = 0, DesiredTasks = 0, RunningTasks = 0 } = status ?? {}
  // A job that is done desires nothing more.
  const isDone = DesiredTasks === 0 || CompletedTasks >= DesiredTasks
  if (isDone && RunningTasks === 0 && CompletedTasks > 0)
    return { kind: 'complete', detail: `${CompletedTasks} complete` }
  return { kind: 'waiting', detail: `${CompletedTasks} complete, ${RunningTasks} running` }
}

function failureOf(
  service: ServiceInspect,
  own: readonly TaskInspect[],
  live: readonly TaskInspect[],
  patience: Patience,
): Verdict | undefined {
  const name = service.Spec.Name ?? ''
  const stuck = live.find(task => patience.isStuck(task))
  if (stuck !== undefined)
    return { kind: 'failed', code: CODE, summary: `service "${name}": ${stuck.Status.Err ?? 'no node'}` }
  const ended = own.filter(task => isFailure(task, service))
  const byPlace = new Map<string, number>()
  for (const { Slot, NodeID } of ended) {
    const place = String(Slot ?? NodeID ?? '')
    byPlace.set(place, (byPlace.get(place) ?? 0) + 1)
  }
  const isGivenUp = [...byPlace.values()].some(times => times >= TRIES)
  const isOver = ended.length > 0 && live.length === 0
  if (!isGivenUp && !isOver) return undefined
  const last = lastFailed(own)
  return {
    kind: 'failed',
    code: CODE,
    summary: `tasks of service "${name}" end: ${last?.Status.Err ?? 'exit code 0'}`,
    ...(last && { task: last }),
  }
}

const FAILED: ReadonlySet<string> = new Set(['failed', 'rejected'])

/** To end well is none for what may end. */
function isFailure({ Status: { State } }: TaskInspect, service: ServiceInspect): boolean {
  return FAILED.has(State) || (State === 'complete' && !mayEnd(service))
}

function mayEnd({ Spec }: ServiceInspect): boolean {
  const { Mode: mode = {}, TaskTemplate: task } = Spec
  if (mode.ReplicatedJob !== undefined || mode.GlobalJob !== undefined) return true
  const condition = task?.RestartPolicy?.Condition
  return condition === 'none' || condition === 'on-failure'
}

/** The last task that has failed and says why: with the code that it ended with. */
function lastFailed(tasks: readonly TaskInspect[]): TaskInspect | undefined {
  return tasks
    .filter(({ Status }) => FAILED.has(Status.State) && Status.Err)
    .sort((a, b) => (a.Status.Timestamp < b.Status.Timestamp ? 1 : -1))[0]
}

/** The first thing that a task which does not run yet says. */
function whyNot(live: readonly TaskInspect[]): string {
  const task = live.find(({ Status }) => Status.State !== 'running')
  if (task === undefined) return ''
  return `, ${task.Status.Err || task.Status.State}`
}
