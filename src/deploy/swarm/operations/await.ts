import type { ServiceInspect, TaskInspect } from '../../../api/types/index.ts'
import { failure } from '../../../diagnostics/index.ts'
import type { AwaitEnd, AwaitService } from '../plan/operation.ts'
import type { ExecutionOptions, SwarmExecution } from './execution.ts'
import { type Patience, type Verdict, verdictOf } from './verdict.ts'

/** Tells how far it is, in a few words. */
export type ReportDetail = (detail: string) => void

/** Milliseconds after which a task that no node takes will find none. */
const STUCK = 10_000

/** Milliseconds that tasks must have run to be taken for running, where the file does not say (`update_config.monitor`). */
const MONITOR = 5_000

/**
 * Waits until the tasks of a service run, and have run for as long as a manager watches an update. Errors: SWARM_TASKS_FAILED with
 * what a task says, SWARM_UPDATE_PAUSED, SWARM_ROLLED_BACK, SWARM_TIMEOUT.
 */
export async function awaitService(
  operation: AwaitService,
  { watch, options }: SwarmExecution,
  report: ReportDetail,
): Promise<void> {
  if (options.detach === true) return
  const { name } = operation.resource
  let memory: TaskMemory | undefined
  const begun = performance.now()
  let runningSince: number | undefined
  let told = ''
  let isSettled = false
  while (!isSettled) {
    const { services, tasks } = await watch.next()
    const service = services.find(({ Spec }) => Spec.Name === name)
    if (service === undefined) throw gone(name)
    const own = tasks.filter(({ ServiceID }) => ServiceID === service.ID)
    memory ??= new TaskMemory(operation.isNew === true, own)
    const verdict = verdictOf(asAsked(operation, service), own, memory)
    if (verdict.kind === 'failed') throw await failed(verdict, options)
    if (verdict.detail !== told) report(verdict.detail)
    told = verdict.detail
    const now = performance.now()
    runningSince = verdict.kind === 'running' ? (runningSince ?? now) : undefined
    // An update that was watched to its end has been watched for as long.
    const monitor = (service.Spec.UpdateConfig?.Monitor ?? 0) / 1e6 || MONITOR
    const isWatched = service.UpdateStatus?.State === 'completed' || operation.isRollback === true
    isSettled =
      verdict.kind === 'complete' ||
      (runningSince !== undefined && (isWatched || now - runningSince >= monitor))
    if (!isSettled && options.waitTimeout !== undefined && now - begun > options.waitTimeout)
      throw failure({
        code: 'SWARM_TIMEOUT',
        kind: 'unavailable',
        summary: `service "${name}" does not run after ${options.waitTimeout / 1000} s: ${verdict.detail}`,
      })
  }
}

/** To have been rolled back is what was asked for; then tasks are looked at as after any other change. */
function asAsked({ isRollback }: AwaitService, service: ServiceInspect): ServiceInspect {
  const { UpdateStatus: status } = service
  if (isRollback !== true || status?.State !== 'rollback_completed') return service
  return { ...service, UpdateStatus: { ...status, State: 'completed' } }
}

async function failed(
  { code, summary, task }: Extract<Verdict, { kind: 'failed' }>,
  { lastLinesOf }: ExecutionOptions,
): Promise<Error> {
  const lines = (task && (await lastLinesOf?.(task))) ?? []
  const detail = lines.length === 0 ? {} : { detail: lines.join('\n') }
  return failure({ code, kind: 'unavailable', summary, ...detail })
}

function gone(name: string): Error {
  return failure({
    code: 'SWARM_CHANGED',
    kind: 'conflict',
    summary: `somebody has removed service "${name}" meanwhile`,
  })
}

/** What is known of tasks by looking again: clocks of other machines are not asked. */
class TaskMemory implements Patience {
  readonly #stuckSince = new Map<string, number>()
  #before: ReadonlySet<string>

  /** Of a service that was there before, what has ended by the first look has not ended because of the change. */
  constructor(isNew: boolean, tasks: readonly TaskInspect[]) {
    this.#before = new Set(
      isNew ? [] : tasks.filter(({ Status }) => ENDED.has(Status.State)).map(({ ID }) => ID),
    )
  }

  get before(): ReadonlySet<string> {
    return this.#before
  }

  isStuck({ ID, Status }: TaskInspect): boolean {
    if (Status.State !== 'pending' || !Status.Err) return false
    const since = this.#stuckSince.get(ID) ?? performance.now()
    this.#stuckSince.set(ID, since)
    return performance.now() - since > STUCK
  }
}

/** States that a task does not leave. */
const ENDED: ReadonlySet<string> = new Set([
  'complete',
  'failed',
  'rejected',
  'shutdown',
  'orphaned',
  'remove',
])

/** Waits until no task of a service that was removed runs any more; a node that is gone does not say when its tasks have ended. */
export async function awaitEnd(
  { serviceId }: AwaitEnd,
  { engine, watch, options }: SwarmExecution,
  report: ReportDetail,
): Promise<void> {
  if (options.detach === true) return
  for (let told = 0; ; ) {
    const { tasks } = await watch.next()
    const left = tasks.filter(({ ServiceID, Status }) => ServiceID === serviceId && !ENDED.has(Status.State))
    if (left.length === 0) return
    const nodes = await engine.listNodes({})
    const down = new Set(nodes.filter(({ Status }) => Status.State === 'down').map(({ ID }) => ID))
    if (left.every(({ NodeID }) => NodeID === undefined || down.has(NodeID))) return
    if (left.length !== told) report(`${left.length} ${left.length === 1 ? 'task ends' : 'tasks end'}`)
    told = left.length
  }
}
