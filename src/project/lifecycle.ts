import type { Project } from '../model/index.ts'
import {
  type BakeFile,
  type BuildOptions,
  bakeFileOf,
  type DownOptions,
  type KillOptions,
  type Observed,
  type Plan,
  type PullOptions,
  type PushOptions,
  planBuild,
  planDown,
  planKill,
  planPause,
  planPull,
  planPush,
  planRemove,
  planRestart,
  planStart,
  planStop,
  type RemoveOptions,
  type ServiceOptions,
  sharesNetworks,
} from '../planner/index.ts'
import {
  type ConnectedProject,
  connectFromLabels,
  connectProject,
  whileConnected,
} from './connected-project.ts'
import { forgetFilling } from './fillings.ts'
import { giveUpAddress } from './instances.ts'
import { openModel } from './model.ts'
import { untilReady } from './readiness.ts'
import { type Afterwards, runExclusively, runPlan, type Work, type WorkOptions } from './run-plan.ts'
import { environmentOf, isForeign, type Target } from './target.ts'

/** Stops in reverse order of depends_on and removes what `up` made; volumes and images as the options say. */
export function down(target: Target, request: DownOptions & WorkOptions = {}): Promise<Work> {
  const isWhole = (request.services ?? []).length === 0
  return change(
    target,
    'down',
    request,
    (project, observed) => planDown(project, observed, request),
    isWhole ? forgetting : undefined,
  )
}

/** What was written down for a project that is there. */
function forgetting({ project: { name }, target }: ConnectedProject): Afterwards {
  const env = environmentOf(target)
  const run = async (): Promise<void> => {
    if (isForeign(env)) return
    forgetFilling(env, name)
    giveUpAddress(name, env)
  }
  return { resources: () => [], run }
}

/** Starts stopped containers in order of depends_on; changes of the file are not applied. `waitTimeout` in seconds. */
export function start(
  target: Target,
  request: ServiceOptions & WorkOptions & { readonly wait?: boolean; readonly waitTimeout?: number } = {},
): Promise<Work> {
  const { services = [], wait, waitTimeout: timeout, signal } = request
  return change(
    target,
    'start',
    request,
    (project, observed) => planStart(project, observed, request),
    wait === true ? connected => untilReady(connected, { services, timeout, signal }) : undefined,
  )
}

/** Stops containers and keeps them. */
export function stop(
  target: Target,
  request: Pick<ServiceOptions, 'services' | 'timeout'> & WorkOptions = {},
): Promise<Work> {
  return change(target, 'stop', request, (project, observed) => planStop(project, observed, request))
}

/** Stops and starts containers as they are. */
export function restart(target: Target, request: ServiceOptions & WorkOptions = {}): Promise<Work> {
  return change(target, 'restart', request, (project, observed) => planRestart(project, observed, request))
}

/** Sends SIGKILL, or another signal, to the first process of each running container. */
export function kill(
  target: Target,
  request: Omit<KillOptions, 'signal'> & WorkOptions & { readonly posixSignal?: string } = {},
): Promise<Work> {
  const { services = [], removeOrphans = false, posixSignal } = request
  const options = { services, removeOrphans, ...(posixSignal === undefined ? {} : { signal: posixSignal }) }
  return change(target, 'kill', request, (project, observed) => planKill(project, observed, options))
}

/** Freezes the processes of running containers. Errors: NO_CONTAINER_IN_STATE. */
export function pause(
  target: Target,
  request: Pick<ServiceOptions, 'services'> & WorkOptions = {},
): Promise<Work> {
  return change(target, 'pause', request, (project, observed) => planPause(project, observed, request))
}

/** Lets the processes of paused containers go on. Errors: NO_CONTAINER_IN_STATE. */
export function unpause(
  target: Target,
  request: Pick<ServiceOptions, 'services'> & WorkOptions = {},
): Promise<Work> {
  return change(target, 'unpause', request, (project, observed) =>
    planPause(project, observed, { ...request, unpause: true }),
  )
}

/** Removes stopped containers; `approve` is asked with their names, and what it throws ends the work. */
export function remove(
  target: Target,
  request: RemoveOptions &
    WorkOptions & { readonly approve?: (names: readonly string[]) => Promise<void> } = {},
): Promise<Work> {
  return change(target, 'rm', request, async (project, observed) => {
    const plan = planRemove(project, observed, request)
    const names = plan.operations
      .filter(({ type }) => type === 'removeContainer')
      .map(({ resource }) => resource.name)
    if (names.length > 0) await request.approve?.(names)
    return plan
  })
}

/** Builds the images of services that have `build`. Nobody has to wait for it: it changes no container. */
export async function build(target: Target, request: BuildOptions & WorkOptions = {}): Promise<Work> {
  const { services } = request
  return whileConnected(connectProject(target, services === undefined ? {} : { services }), connected =>
    runPlan(connected, () => planBuild(connected.project, request), request),
  )
}

/** What `build` would build, as a file of bake; no engine is needed for that. */
export async function printBuild(
  target: Target,
  request: BuildOptions & { readonly push?: boolean } = {},
): Promise<BakeFile> {
  const { services, push = false } = request
  const project = await openModel(target, {
    load: { defaultPlatform: true },
    ...(services === undefined ? {} : { services }),
  })
  return bakeFileOf(project, planBuild(project, request), { push })
}

/**
 * Fetches the images of services anew, each once. One that can be built instead is no failure; an engine that reaches no
 * registry has what its own sources give.
 */
export async function pull(target: Target, request: PullOptions & WorkOptions = {}): Promise<Work> {
  const { services } = request
  return whileConnected(connectProject(target, services === undefined ? {} : { services }), connected =>
    runPlan(connected, observed => planPull(connected.project, observed, request), request),
  )
}

/** Sends the images that services build and name to their registries; `onlyPresent`: those that are here, and no others. */
export async function push(
  target: Target,
  request: Omit<PushOptions, 'present'> & WorkOptions & { readonly onlyPresent?: boolean } = {},
): Promise<Work> {
  const { services, onlyPresent = false } = request
  return whileConnected(connectProject(target, services === undefined ? {} : { services }), connected =>
    runPlan(
      connected,
      ({ images }) =>
        planPush(connected.project, { ...request, ...(onlyPresent ? { present: images } : {}) }),
      request,
    ),
  )
}

/** Changes what is there: the file need not be, and the command's word tells those who wait what is done. */
async function change(
  target: Target,
  word: string,
  request: WorkOptions & { readonly services?: readonly string[] },
  makePlan: (project: Project, observed: Observed) => Plan | Promise<Plan>,
  afterwards?: (connected: ConnectedProject) => Afterwards,
): Promise<Work> {
  return whileConnected(connectFromLabels(target, request.services), connected =>
    runExclusively(connected, `tscompose ${word}`, observed => makePlan(connected.project, observed), {
      ...request,
      mayBeginAnew: word === 'down',
      // Whether who is in another's network has stayed there only `restart` asks.
      ...(word === 'restart' && sharesNetworks(connected.project) ? {} : { drift: false }),
      ...(afterwards === undefined ? {} : { afterwards: afterwards(connected) }),
    }),
  )
}
