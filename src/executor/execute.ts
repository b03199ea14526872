import { setMaxListeners } from 'node:events'
import type { Operation, Plan } from '../planner/index.ts'
import { checkFiles } from './check-files.ts'
import type { Docker } from './docker.ts'
import { Execution, type Report } from './execution.ts'
import { type Follower, followPlan } from './follow-plan.ts'
import { locateFailure } from './locate.ts'
import { executeOperation } from './operations/index.ts'
import type { ExecuteOptions, ExecuteResult, FailedOperation, Outcome } from './options.ts'
import { wordsOf } from './words.ts'

/**
 * Executes the plan, independent operations side by side. Does not throw for failed operations: what failed is in the
 * result, what came after it is skipped, everything else goes on to its end.
 */
export async function execute(
  plan: Plan,
  docker: Docker,
  given: ExecuteOptions = {},
): Promise<ExecuteResult> {
  const options = given.signal === undefined ? given : { ...given, signal: unlimited(given.signal) }
  const missing = checkFiles(plan, options)
  if (missing.length > 0) return refused(plan, missing, options.project)
  const execution = new Execution(plan, docker, options)
  const followed = await followPlan(plan, followerOf(execution), execution.outcomes, options)
  const failures = [...execution.passedFailures, ...followed.failures].map(({ operation, failure }) => ({
    operation,
    failure: locateFailure(failure, madeBy(plan, operation), options.project),
  }))
  return {
    ok: failures.length === 0 && !followed.aborted,
    outcomes: followed.outcomes,
    failures,
    warnings: execution.warnings,
    created: createdContainers(execution),
    aborted: followed.aborted,
  }
}

/** What made the container that could not be started: it knows what of it the command line says. */
function madeBy(plan: Plan, operation: Operation): Operation {
  if (operation.type !== 'startContainer') return operation
  const { createdBy } = operation.container
  return plan.operations.find(({ id }) => id === createdBy) ?? operation
}

/** Every call listens, and many are no leak. The caller's own signal stays as it is. */
function unlimited(signal: AbortSignal): AbortSignal {
  const own = AbortSignal.any([signal])
  setMaxListeners(0, own)
  return own
}

/** How the Engine API's operations are done. */
function followerOf(execution: Execution): Follower<Operation> {
  return {
    execute: (operation, report) => executeAndUndo(operation, execution, report),
    isUnneeded: operation => isUnneeded(operation, execution),
    words: wordsOf,
    isTolerable: (cause, operation) => {
      if (cause.code === 'ENGINE_UNREACHABLE' || cause.code === 'INTERRUPTED') return false
      if (operation.update === undefined) return operation.bestEffort === true
      return execution.failUpdate(operation.update)
    },
    onTolerated: (operation, cause) => {
      if (operation.update !== undefined) {
        execution.passedFailures.push({ operation, failure: cause })
        return
      }
      // A pull that a build stands in for has failed as foreseen: its progress line is word enough.
      if (!(operation.type === 'pullImage' && operation.fallback === 'build'))
        execution.warnings.push(locateFailure(cause, operation, execution.options.project))
    },
  }
}

/** What an update's operation was about to replace goes on as it is where it fails. */
async function executeAndUndo(
  operation: Operation,
  execution: Execution,
  report: (report: Report) => void,
): Promise<void> {
  try {
    await executeOperation(operation, { execution, report })
  } catch (error) {
    const { withdraws } = operation.update ?? {}
    if (withdraws !== undefined)
      await (await import('./operations/updates.ts')).withdraw(execution, withdraws)
    throw error
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

/** What the planner left open is answered here by looking, not by deciding: a guard, or a pull before a build. */
async function isUnneeded(operation: Operation, execution: Execution): Promise<boolean> {
  if (execution.isLeftOut(operation)) return true
  if (operation.guard !== undefined && !(await execution.isGuardOpen(operation.guard))) return true
  if (operation.type !== 'buildImage' || operation.unlessPulledBy === undefined) return false
  return execution.outcomes.get(operation.unlessPulledBy) === 'done'
}

function createdContainers(execution: Execution): ReadonlyMap<string, string> {
  const created = new Map<string, string>()
  for (const { id, type, resource } of execution.plan.operations) {
    const container = type === 'createContainer' ? execution.createdId(id) : undefined
    if (container !== undefined) created.set(resource.name, container)
  }
  return created
}
