import { Failure } from '../diagnostics/index.ts'
import type { Project } from '../model/index.ts'
import { type DivergedVolume, type Observed, type Plan, planUp, type UpOptions } from '../planner/index.ts'
import { type ConnectedProject, connectProject, whileConnected } from './connected-project.ts'
import { switchMending } from './mending.ts'
import { isLastKept } from './model.ts'
import { untilReady } from './readiness.ts'
import { runExclusively, type Work, type WorkOptions } from './run-plan.ts'
import { planAsSaved, type SavedPlan } from './saved-plan.ts'
import { silentNames } from './silent-names.ts'
import type { Target } from './target.ts'

/** How to bring a project up, and what to tell meanwhile. */
export interface UpRequest extends UpOptions, WorkOptions {
  /** Execute this plan, made by its own options, and no other. PLAN_MOVED where anything is otherwise now. */
  readonly saved?: SavedPlan
  /** Resolve when everything runs and is healthy, not when it is started. */
  readonly wait?: boolean
  /** From then on the engine puts right what drifts of the project, as it goes; without this it does not any more. */
  readonly repair?: boolean
  /** Seconds after which waiting is given up. */
  readonly waitTimeout?: number
  /**
   * Names those of the volumes that are to be made anew, their data lost: they are not as the file wants them. Without this
   * they stay as they are.
   */
  readonly approveVolumes?: (volumes: readonly DivergedVolume[]) => Promise<readonly string[]>
}

/**
 * Creates and starts what the files describe, and changes only what differs. Raises ProjectFailure, Interrupted, and what
 * starting the engine raises.
 */
export async function up(target: Target, request: UpRequest = {}): Promise<Work> {
  const { services } = request
  return whileConnected(connectProject(target, services === undefined ? {} : { services }), connected =>
    bringUp(connected, request),
  )
}

/** Creates what the files describe and starts nothing; what has to be stopped for that runs again afterwards. */
export function create(
  target: Target,
  request: Omit<UpRequest, 'start' | 'wait' | 'waitTimeout'> = {},
): Promise<Work> {
  const { services } = request
  return whileConnected(connectProject(target, services === undefined ? {} : { services }), connected =>
    bringUp(connected, { ...request, start: false }, 'create'),
  )
}

/**
 * Gives services so many containers each, and their dependencies what the file says; other services are left alone. Errors:
 * NO_SUCH_SERVICE, CONTAINER_NAME_SCALED.
 */
export function scale(
  target: Target,
  numbers: Readonly<Record<string, number>>,
  request: Omit<UpRequest, 'services' | 'scale' | 'start' | 'wait' | 'waitTimeout'> = {},
): Promise<Work> {
  const services = Object.keys(numbers)
  return whileConnected(connectProject(target, { services }), connected =>
    bringUp(connected, { ...request, services, scale: numbers }, 'scale'),
  )
}

/** The same for a project that is loaded; `word` is the command, for those who wait for it. */
export async function bringUp(
  connected: ConnectedProject,
  request: UpRequest,
  word: string = 'up',
): Promise<Work> {
  const { services = [], wait, waitTimeout, signal } = request
  let before: Observed | undefined
  const makePlan = (observed: Observed): Promise<Plan> => {
    before = observed
    return planFor(connected, observed, request)
  }
  const work = await runExclusively(connected, `tscompose ${word}`, makePlan, {
    ...request,
    isOfFile: true,
    planAhead: observed => planAhead(connected, observed, request),
    // Once it was begun the state is another than the plan's.
    mayBeginAnew: request.saved === undefined,
    ...(wait === true
      ? { afterwards: untilReady(connected, { services, timeout: waitTimeout, signal }) }
      : {}),
  })
  if (word === 'up' && work.result !== undefined) {
    const warn = request.onWarning ?? (() => undefined)
    await switchMending(connected, request.repair === true, before, warn)
    const silent = await silentNames(connected, work.plan)
    if (silent.length > 0) warn(silent)
  }
  return work
}

/** A plan, and all that it was made from but the clock. */
interface KeptPlan {
  readonly project: Project
  readonly options: string
  readonly plan: Plan
}

const kept = new WeakMap<Observed, KeptPlan>()

function optionsOf({ now: _moment, ...options }: UpRequest): string {
  return JSON.stringify(options)
}

/** That what was observed is as it was, of the very project, is known by the objects: each is kept while it is the same. */
function planOf(project: Project, observed: Observed, request: UpRequest): Plan | undefined {
  const known = kept.get(observed)
  // Who executes a plan changes what was observed: it is not kept for another one.
  if (known !== undefined && known.plan.operations.length > 0) kept.delete(observed)
  return known?.project === project && known.options === optionsOf(request) ? known.plan : undefined
}

/** Makes a plan, and keeps it for who makes one of the same. */
function makePlan(project: Project, observed: Observed, request: UpRequest): Plan {
  let isOfThisMoment = false
  const options = {
    ...request,
    get now() {
      isOfThisMoment = true
      return request.now ?? Date.now()
    },
  }
  const plan = planUp(project, observed, options)
  const mayStand = !isOfThisMoment && plan.divergedVolumes.length === 0
  if (isLastKept() && mayStand) kept.set(observed, { project, options: optionsOf(request), plan })
  return plan
}

/** Makes the plan before the kernel was looked at, and keeps it for who finds that nothing has drifted. */
export function planAhead({ project }: ConnectedProject, observed: Observed, request: UpRequest): void {
  if (request.saved !== undefined) return
  try {
    makePlan(project, observed, request)
  } catch (error) {
    // Who plans by what is so in the end is told.
    if (!(error instanceof Failure)) throw error
  }
}

/** The plan of an `up`, made again with the volumes that were agreed to. */
export async function planFor(
  { project }: ConnectedProject,
  observed: Observed,
  request: UpRequest,
): Promise<Plan> {
  if (request.saved !== undefined) return planAsSaved(project, observed, request.saved)
  const known = planOf(project, observed, request)
  if (known !== undefined) return known
  const plan = makePlan(project, observed, request)
  if (plan.divergedVolumes.length === 0 || request.dryRun === true) return plan
  const agreed = (await request.approveVolumes?.(plan.divergedVolumes)) ?? []
  return agreed.length === 0
    ? plan
    : planUp(project, observed, { ...request, now: request.now ?? Date.now(), recreateVolumes: agreed })
}
