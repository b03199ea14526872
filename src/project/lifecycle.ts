import {
  type BuildOptions,
  type DownOptions,
  type KillOptions,
  planBuild,
  planDown,
  planKill,
  planRemove,
  planRestart,
  planStart,
  planStop,
  type RemoveOptions,
  type ServiceOptions,
} from '../planner/index.ts'
import { untilReady } from './readiness.ts'
import { runExclusively, runPlan, type Work, type WorkOptions } from './run-plan.ts'
import { openSession, openSessionFromLabels } from './session.ts'
import type { Target } from './target.ts'

/** Stops in reverse order of depends_on and removes what `up` made; volumes and images as the options say. */
export async function down(target: Target, request: DownOptions & WorkOptions = {}): Promise<Work> {
  const session = await openSessionFromLabels(target, request.services)
  return runExclusively(
    session,
    'tscompose down',
    observed => planDown(session.project, observed, request),
    request,
  )
}

/** Starts stopped containers in order of depends_on; changes of the file are not applied. `waitTimeout` in seconds. */
export async function start(
  target: Target,
  request: ServiceOptions & WorkOptions & { readonly wait?: boolean; readonly waitTimeout?: number } = {},
): Promise<Work> {
  const { services = [], wait, waitTimeout, signal } = request
  const session = await openSessionFromLabels(target, services)
  return runExclusively(
    session,
    'tscompose start',
    observed => planStart(session.project, observed, request),
    {
      ...request,
      ...(wait === true
        ? { afterwards: untilReady(session, { services, timeout: waitTimeout, signal }) }
        : {}),
    },
  )
}

/** Stops containers and keeps them. */
export async function stop(
  target: Target,
  request: Pick<ServiceOptions, 'services' | 'timeout'> & WorkOptions = {},
): Promise<Work> {
  const session = await openSessionFromLabels(target, request.services)
  return runExclusively(
    session,
    'tscompose stop',
    observed => planStop(session.project, observed, request),
    request,
  )
}

/** Stops and starts containers as they are. */
export async function restart(target: Target, request: ServiceOptions & WorkOptions = {}): Promise<Work> {
  const session = await openSessionFromLabels(target, request.services)
  return runExclusively(
    session,
    'tscompose restart',
    observed => planRestart(session.project, observed, request),
    request,
  )
}

/** Sends SIGKILL, or another signal, to the first process of each running container. */
export async function kill(
  target: Target,
  request: Omit<KillOptions, 'signal'> & WorkOptions & { readonly posixSignal?: string } = {},
): Promise<Work> {
  const { services = [], removeOrphans = false, posixSignal } = request
  const session = await openSessionFromLabels(target, services)
  const options = { services, removeOrphans, ...(posixSignal === undefined ? {} : { signal: posixSignal }) }
  return runExclusively(
    session,
    'tscompose kill',
    observed => planKill(session.project, observed, options),
    request,
  )
}

/** Removes stopped containers; `approve` is asked with their names, and anything but true raises Interrupted. */
export async function remove(
  target: Target,
  request: RemoveOptions &
    WorkOptions & { readonly approve?: (names: readonly string[]) => Promise<void> } = {},
): Promise<Work> {
  const session = await openSessionFromLabels(target, request.services)
  return runExclusively(
    session,
    'tscompose rm',
    async observed => {
      const plan = planRemove(session.project, observed, request)
      const names = plan.operations
        .filter(({ type }) => type === 'removeContainer')
        .map(({ resource }) => resource.name)
      if (names.length > 0) await request.approve?.(names)
      return plan
    },
    request,
  )
}

/** Builds the images of services that have `build`. Nobody has to wait for it: it changes no container. */
export async function build(target: Target, request: BuildOptions & WorkOptions = {}): Promise<Work> {
  const { services } = request
  const session = await openSession(target, services === undefined ? {} : { services })
  return runPlan(session, () => planBuild(session.project, request), request)
}
