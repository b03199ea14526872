import { Failure, failure, messageOf, spans } from '../diagnostics/index.ts'
import { buildGraph, walk } from '../graph/index.ts'
import { type PlannedOperation, type PlanOf, resourceLabel } from '../planner/index.ts'
import { interrupted } from './delay.ts'
import type { Report } from './execution.ts'
import type { Outcome } from './options.ts'
import type { ProgressEvent, ProgressListener, StateWord } from './progress.ts'

/** What progress says when an operation begins and when it has ended; undefined = nothing. */
export interface Words {
  readonly begin?: StateWord
  readonly end?: StateWord
}

/** How one kind of engine does its operations. */
export interface Follower<O extends PlannedOperation> {
  execute(operation: O, report: (report: Report) => void): Promise<void>
  /** What the planner left open is answered here by looking, not by deciding. */
  isUnneeded(operation: O): Promise<boolean>
  words(operation: O): Words
  /** Whether an operation may fail so, and those behind it go on: not when nobody is there any more to do them. */
  isTolerable(cause: Failure, operation: O): boolean
  /** One that may has failed: a warning, unless it was foreseen. */
  onTolerated(operation: O, cause: Failure): void
}

export interface FollowOptions {
  readonly onEvent?: ProgressListener
  /** Operations at once; default 16, -1 = no limit. */
  readonly parallel?: number
  /** After abort nothing new starts. */
  readonly signal?: AbortSignal
}

export interface Followed<O extends PlannedOperation> {
  /** By operation id. */
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** Root causes only, in plan order. */
  readonly failures: readonly { readonly operation: O; readonly failure: Failure }[]
  readonly aborted: boolean
}

const DEFAULT_PARALLEL = 16

/** Executes a plan of any engine, independent operations side by side, and tells each step. Never throws for a failed one. */
export async function followPlan<O extends PlannedOperation>(
  plan: PlanOf<O>,
  follower: Follower<O>,
  outcomes: Map<string, Outcome>,
  options: FollowOptions,
): Promise<Followed<O>> {
  const byId = new Map(plan.operations.map(operation => [operation.id, operation]))
  const graph = buildGraph(
    plan.operations.map(operation => ({ id: operation.id, value: operation, after: operation.after })),
  )
  const visit = async (operation: O): Promise<void> =>
    void outcomes.set(operation.id, await followOne(operation, follower, outcomes, options))
  const walked = await walk(graph, visit, {
    limit: options.parallel ?? DEFAULT_PARALLEL,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  return {
    outcomes: new Map([...walked.outcomes].map(([id, outcome]) => [id, outcomes.get(id) ?? outcome])),
    failures: walked.failures.flatMap(({ id, error }) => {
      const operation = byId.get(id)
      return operation === undefined ? [] : [{ operation, failure: failureOf(error) }]
    }),
    aborted: walked.aborted,
  }
}

async function followOne<O extends PlannedOperation>(
  operation: O,
  follower: Follower<O>,
  outcomes: Map<string, Outcome>,
  { onEvent, signal }: FollowOptions,
): Promise<Outcome> {
  if (await follower.isUnneeded(operation)) return 'unneeded'
  const begun = performance.now()
  const { begin, end } = follower.words(operation)
  const emit = (event: Pick<ProgressEvent, 'status' | 'text'> & Partial<ProgressEvent>): void =>
    onEvent?.({ ...eventBase(operation), ...event })
  const elapsed = (): { elapsed: number } => ({ elapsed: performance.now() - begun })
  if (begin !== undefined) emit({ status: 'working', text: begin })
  try {
    await spans.during(operation.id, () =>
      follower.execute(operation, ({ status = 'working', ...report }) => emit({ status, ...report })),
    )
    if (end !== undefined) emit({ status: 'done', text: end, ...elapsed() })
    return 'done'
  } catch (error) {
    const cause = signal?.aborted === true && isAbort(error, signal) ? interrupted() : failureOf(error)
    const told = { detail: cause.message, failure: cause, ...elapsed() }
    if (!follower.isTolerable(cause, operation)) {
      outcomes.set(operation.id, 'failed')
      emit({ status: 'error', text: 'Error', ...told })
      throw cause
    }
    follower.onTolerated(operation, cause)
    emit({ status: 'warning', text: 'Skipped', ...told })
    return 'failed'
  }
}

function eventBase({
  id,
  resource,
}: PlannedOperation): Pick<ProgressEvent, 'operation' | 'resource' | 'kind' | 'name'> {
  const label = resourceLabel(resource)
  return {
    operation: id,
    resource: label,
    kind: label.slice(0, label.indexOf(' ')),
    name: resource.name,
  }
}

/** Whether it was thrown because the signal said so, by what knows no Failures: streams, timers, `fetch`. */
function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError')
}

/** Anything thrown as a Failure; what is none is a fault of ours or of the system, with its message. */
function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  return failure({ code: 'OPERATION_FAILED', summary: messageOf(error), cause: error })
}
