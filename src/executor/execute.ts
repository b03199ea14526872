import { Failure, failure, messageOf } from '../diagnostics/index.ts'
import { buildGraph, walk } from '../graph/index.ts'
import { type Operation, type Plan, resourceLabel } from '../planner/index.ts'
import { checkFiles } from './check-files.ts'
import type { Docker } from './docker.ts'
import { Execution, type Report } from './execution.ts'
import { locateFailure } from './locate.ts'
import { executeOperation } from './operations/index.ts'
import type { ExecuteOptions, ExecuteResult, FailedOperation, Outcome } from './options.ts'
import type { ProgressEvent, ResourceLabel } from './progress.ts'
import { wordsOf } from './words.ts'

const DEFAULT_PARALLEL = 16

/**
 * Executes the plan, independent operations side by side. Does not throw for failed operations: what failed is in the
 * result, what came after it is skipped, everything else goes on to its end.
 */
export async function execute(
  plan: Plan,
  docker: Docker,
  options: ExecuteOptions = {},
): Promise<ExecuteResult> {
  const missing = checkFiles(plan, options)
  if (missing.length > 0) return refused(plan, missing, options.project)
  const execution = new Execution(plan, docker, options)
  const graph = buildGraph(
    plan.operations.map(operation => ({ id: operation.id, value: operation, after: operation.after })),
  )
  const walked = await walk(graph, operation => visit(operation, execution), {
    limit: options.parallel ?? DEFAULT_PARALLEL,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  })
  const outcomes = new Map<string, Outcome>()
  for (const [id, outcome] of walked.outcomes) outcomes.set(id, execution.outcomes.get(id) ?? outcome)
  const failures = walked.failures.map(({ id, error }): FailedOperation => {
    const operation = graph.vertices[graph.indexOf.get(id) ?? -1]?.value as Operation
    return { operation, failure: locateFailure(failureOf(error), operation, options.project) }
  })
  return {
    ok: failures.length === 0 && !walked.aborted,
    outcomes,
    failures,
    warnings: execution.warnings,
    created: createdContainers(execution),
    aborted: walked.aborted,
  }
}

/** The result of a plan that can not be executed: nothing was done, so nothing is half done. */
function refused(
  plan: Plan,
  missing: readonly FailedOperation[],
  project: ExecuteOptions['project'],
): ExecuteResult {
  const failures = missing.map(({ operation, failure: cause }) => ({
    operation,
    failure: locateFailure(cause, operation, project),
  }))
  const outcomes = new Map(plan.operations.map(({ id }): [string, Outcome] => [id, 'skipped']))
  for (const { operation } of failures) outcomes.set(operation.id, 'failed')
  return { ok: false, outcomes, failures, warnings: [], created: new Map(), aborted: false }
}

async function visit(operation: Operation, execution: Execution): Promise<void> {
  if (await isUnneeded(operation, execution)) {
    execution.outcomes.set(operation.id, 'unneeded')
    return
  }
  const begun = performance.now()
  const { begin, end } = wordsOf(operation)
  const emit = (event: Partial<ProgressEvent> & Pick<ProgressEvent, 'status' | 'text'>): void =>
    execution.options.onEvent?.({ ...eventBase(operation), ...event })
  const elapsed = (): { elapsed: number } => ({ elapsed: performance.now() - begun })
  if (begin !== undefined) emit({ status: 'working', text: begin })
  try {
    await executeOperation(operation, {
      execution,
      report: ({ status = 'working', ...report }: Report) => emit({ status, ...report }),
    })
    execution.outcomes.set(operation.id, 'done')
    if (end !== undefined) emit({ status: 'done', text: end, ...elapsed() })
  } catch (error) {
    const cause = failureOf(error)
    execution.outcomes.set(operation.id, 'failed')
    if (operation.bestEffort !== true) {
      emit({ status: 'error', text: 'Error', detail: cause.message, failure: cause, ...elapsed() })
      throw cause
    }
    // A pull that a build stands in for has failed as foreseen: its progress line is word enough.
    if (!(operation.type === 'pullImage' && operation.fallback === 'build')) execution.warnings.push(cause)
    emit({ status: 'warning', text: 'Skipped', detail: cause.message, failure: cause, ...elapsed() })
  }
}

/** What the planner left open is answered here by looking, not by deciding: a guard, or a pull before a build. */
async function isUnneeded(operation: Operation, execution: Execution): Promise<boolean> {
  if (operation.guard !== undefined && !(await execution.isGuardOpen(operation.guard))) return true
  if (operation.type !== 'buildImage' || operation.unlessPulledBy === undefined) return false
  return execution.outcomes.get(operation.unlessPulledBy) === 'done'
}

function eventBase({
  id,
  resource,
}: Operation): Pick<ProgressEvent, 'operation' | 'resource' | 'kind' | 'name'> {
  const label = resourceLabel(resource)
  return {
    operation: id,
    resource: label,
    kind: label.slice(0, label.indexOf(' ')) as ResourceLabel,
    name: resource.name,
  }
}

function createdContainers(execution: Execution): ReadonlyMap<string, string> {
  const created = new Map<string, string>()
  for (const { id, type, resource } of execution.plan.operations) {
    const container = type === 'createContainer' ? execution.createdId(id) : undefined
    if (container !== undefined) created.set(resource.name, container)
  }
  return created
}

/** Anything thrown as a Failure; what is none is a fault of ours or of the system, with its message. */
function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error
  return failure({ code: 'OPERATION_FAILED', summary: messageOf(error), cause: error })
}
