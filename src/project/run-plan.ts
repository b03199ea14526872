import { type Diagnostic, Failure, spans } from '../diagnostics/index.ts'
import {
  type ExecuteOptions,
  type ExecuteResult,
  execute,
  forgetObserved,
  type LockHolder,
  type ObserveOptions,
  observe,
  type ProgressListener,
} from '../executor/index.ts'
import type { Observed, Plan, Resource } from '../planner/index.ts'
import { type ConnectedProject, exclusively } from './connected-project.ts'
import { Interrupted, ProjectFailure } from './failures.ts'
import { withProblems, withRefusals } from './foresee.ts'
import { keepAddress } from './instances.ts'
import { isLastKept } from './model.ts'
import { withObstacles } from './obstacles.ts'
import { withOtherFolder } from './other-folder.ts'
import { withPullAnswers } from './pull-answers.ts'
import { contextFetcher } from './remote.ts'
import { statePaths } from './state-paths.ts'
import { callerOf, environmentOf, isForeign } from './target.ts'
import { tellNames } from './told-names.ts'
import { withNextEngine } from './with-next-engine.ts'

export type { ProgressEvent, ProgressListener } from '../executor/index.ts'

/** What everything that changes a project can be told, and what it tells. */
export interface WorkOptions
  extends Pick<ExecuteOptions, 'beforeStart' | 'onHookOutput' | 'parallel' | 'signal' | 'traceBuilds'> {
  /** Plans, tells the plan, and does nothing. */
  readonly dryRun?: boolean
  /** Whether a dry run asks registries, for 2 seconds at most, if what is to be pulled can be had; default: it does. */
  readonly askRegistries?: boolean
  /** The plan, before anything is done, and what the events will be about: one resource for each end that they tell. */
  readonly onPlan?: (plan: Plan, resources: readonly Resource[]) => void | Promise<void>
  readonly onEvent?: ProgressListener
  readonly onWarning?: (diagnostics: readonly Diagnostic[]) => void
  /** Another command works on the project: this one begins when that has ended. */
  readonly onWait?: (holder: LockHolder, project: string) => void
}

/** What was to be done, and what came of it; without a result for a dry run. */
export interface Work {
  readonly plan: Plan
  readonly result?: ExecuteResult
}

/** Work that follows a plan which succeeded, and tells its progress in the same way. */
export interface Afterwards {
  /** What its events will be about, beside the plan's own resources. */
  resources(plan: Plan, observed: Observed): readonly Resource[]
  run(onEvent: ProgressListener): Promise<void>
}

export interface PlanWork extends WorkOptions {
  /** Brings the project into a state, so that it may be begun anew: where our engine dies over it the next one goes on. */
  readonly mayBeginAnew?: boolean
  /** The plan is of the file: the engine learns what its services are called that have no container. */
  readonly isOfFile?: boolean
  /** False: the plan is made without asking what has drifted in the kernel. */
  readonly drift?: false
  /** Plans ahead by what is known before the kernel was looked at; whatever comes of it is the plan's again, if that is made of the same. */
  readonly planAhead?: (observed: Observed) => void
  readonly afterwards?: Afterwards
}

/** Makes and executes a plan as the only one that changes the project; `command` says so to those who wait. */
export async function runExclusively(
  connected: ConnectedProject,
  command: string,
  makePlan: (observed: Observed) => Plan | Promise<Plan>,
  options: PlanWork,
): Promise<Work> {
  const { signal, onWait } = options
  const lock = {
    command,
    ...(signal === undefined ? {} : { signal }),
    ...(onWait === undefined ? {} : { onWait }),
  }
  try {
    const checked = async (observed: Observed): Promise<Plan> =>
      withOtherFolder(await makePlan(observed), observed, connected)
    const work = (told: PlanWork): Promise<Work> => runPlan(connected, checked, told)
    return await exclusively(connected, lock, () =>
      options.mayBeginAnew === true ? withNextEngine(connected, options, work) : work(options),
    )
  } catch (error) {
    throw wasInterrupted(error, signal) ? new Interrupted() : error
  }
}

/**
 * Observes, plans, executes. Raises ProjectFailure with the root causes of what failed, and Interrupted after an abort; then
 * what failed meanwhile is told as a warning.
 */
export async function runPlan(
  connected: ConnectedProject,
  makePlan: (observed: Observed) => Plan | Promise<Plan>,
  options: PlanWork = {},
): Promise<Work> {
  const { docker, project } = connected
  const { afterwards, askRegistries = true, onEvent } = options
  const foreignEngine = isForeign(environmentOf(connected.target))
  const observed = await spans.during('observe', () =>
    observe(docker, project, { foreignEngine, keepsLast: isLastKept(), ...lookOf(options) }),
  )
  const planned = await spans.during('plan', () => makePlan(observed))
  const made = await spans.during('find obstacles', () => withObstacles(planned, observed, connected))
  const plan = await (options.dryRun === true
    ? toBeShown(made, connected, askRegistries)
    : spans.during('foresee', () =>
        withRefusals(made, { observed, project, env: environmentOf(connected.target) }),
      ))
  const further = afterwards?.resources(plan, observed) ?? []
  if (plan.warnings.length > 0) options.onWarning?.(plan.warnings)
  await options.onPlan?.(plan, [...plan.operations.map(({ resource }) => resource), ...further])
  if (plan.problems !== undefined && plan.problems.length > 0) throw new ProjectFailure(plan.problems)
  if (options.dryRun === true) return { plan }
  if (isThere(observed, plan)) keepAddress(project, environmentOf(connected.target))
  if (plan.operations.length > 0) forgetObserved()
  if (options.isOfFile === true) await tellNames(connected, plan, observed)
  const result = await execute(plan, docker, {
    ...executeOptions(connected, options),
    images: observed.images,
  })
  const after = result.ok ? await outcomeOf(afterwards?.run(onEvent ?? ignore)) : undefined
  tell(plan, result, options)
  if (after?.failed) throw after.error
  return { plan, result }
}

/** Nothing that is planned ahead is kept where nothing is. */
function lookOf({ drift, planAhead }: PlanWork): Pick<ObserveOptions, 'drift' | 'ahead'> {
  return {
    ...(drift === undefined ? {} : { drift }),
    ...(planAhead === undefined || !isLastKept() ? {} : { ahead: planAhead }),
  }
}

/** Whether there are containers of the project, or will be. */
function isThere({ containers }: Observed, { operations }: Plan): boolean {
  return containers.length > 0 || operations.some(({ type }) => type === 'createContainer')
}

/** With what registries say of its pulls, and what of it would fail. */
async function toBeShown(
  plan: Plan,
  { target, project }: ConnectedProject,
  askRegistries: boolean,
): Promise<Plan> {
  const env = environmentOf(target)
  return withProblems(askRegistries ? await withPullAnswers(plan, env) : plan, project, env)
}

function executeOptions({ target, project }: ConnectedProject, options: PlanWork): ExecuteOptions {
  const env = environmentOf(target)
  const { beforeStart, onEvent, onHookOutput, signal, parallel = -1, traceBuilds = false } = options
  const isElsewhere = /^(?:tcp|https?|ssh):/.test(env['DOCKER_HOST'] ?? '')
  const foreignEngine = isForeign(env)
  return {
    project,
    parallel: Number.isFinite(parallel) ? parallel : -1,
    engineElsewhere: isElsewhere,
    foreignEngine,
    ...(isElsewhere ? {} : { caller: callerOf(env) }),
    ...(foreignEngine ? {} : { fetchContext: contextFetcher(env), engineRoot: statePaths(env).root }),
    traceBuilds,
    ...(beforeStart === undefined ? {} : { beforeStart }),
    ...(onEvent === undefined ? {} : { onEvent }),
    ...(onHookOutput === undefined ? {} : { onHookOutput }),
    ...(signal === undefined ? {} : { signal }),
  }
}

function ignore(): void {}

/** Waits that a signal ends fail as any other work does; here the signal is known. */
function wasInterrupted(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && error instanceof Failure && error.code === 'INTERRUPTED'
}

/** How work ended, to be thrown later: what is to be said before it must be said first. */
async function outcomeOf(
  work: Promise<void> | undefined,
): Promise<{ readonly failed: boolean; readonly error?: unknown }> {
  try {
    await work
    return { failed: false }
  } catch (error) {
    return { failed: true, error }
  }
}

function tell(plan: Plan, result: ExecuteResult, { onWarning }: WorkOptions): void {
  const warnings = [
    ...result.warnings.flatMap(warning =>
      warning.diagnostics.map(diagnostic => ({ ...diagnostic, severity: 'warning' as const })),
    ),
    ...(result.ok || result.aborted ? [] : leftBehind(plan, result)),
  ]
  // Who gave the signal need not be told that waits have ended by it.
  const errors = result.failures
    .filter(({ failure }) => !(result.aborted && failure.code === 'INTERRUPTED'))
    .flatMap(({ failure }) => failure.diagnostics)
  const told = result.aborted ? [...warnings, ...errors] : warnings
  if (told.length > 0) onWarning?.(told)
  if (result.aborted) throw new Interrupted()
  if (!result.ok) throw new ProjectFailure(errors)
}

/**
 * Containers that a failed plan has made and could not start are still there: whoever lists them should know why. A one-off is not:
 * it goes with what ran it.
 */
function leftBehind(plan: Plan, { outcomes, created }: ExecuteResult): readonly Diagnostic[] {
  const oneOffs = plan.operations.flatMap(operation =>
    operation.type === 'createContainer' && operation.oneOff ? [operation.resource.name] : [],
  )
  const names = plan.operations
    .filter(({ type, id }) => type === 'startContainer' && outcomes.get(id) !== 'done')
    .map(({ resource }) => resource.name)
    .filter(name => created.has(name) && !oneOffs.includes(name))
  if (names.length === 0) return []
  const [are, them] = names.length === 1 ? ['container', 'it'] : ['containers', 'them']
  return [
    {
      severity: 'warning',
      code: 'CREATED_NOT_STARTED',
      summary: `${are} ${names.map(name => `"${name}"`).join(', ')}: created and not started`,
      hint: `"up" starts ${them} when the cause is mended, "down" removes ${them}`,
    },
  ]
}
