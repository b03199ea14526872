import type { ContainerSummary } from '../api/types/index.ts'
import type { Docker } from '../client/index.ts'
import { Failure, failure, messageOf } from '../diagnostics/index.ts'
import { checkServices, isOneOff, listProjectContainers, nameOf, serviceOf } from './containers.ts'
import { connectEngine, lettingGo } from './engine.ts'
import { Interrupted } from './failures.ts'
import { overEngines } from './over-engines.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { knownServices } from './service-container.ts'
import { environmentOf, type Target } from './target.ts'

/** How a container that was waited for has ended. */
export interface ContainerEnd {
  readonly id: string
  readonly name: string
  readonly service: string
  readonly exitCode: number
}

export interface WaitRequest {
  /** Hears of each end as it comes. */
  readonly onEnd?: (end: ContainerEnd) => void
  /** Ends the waiting; it raises Interrupted. */
  readonly signal?: AbortSignal
}

/**
 * Waits until the containers of services have ended, one-offs too, in the order of their ends; over engines that die. Of a service of
 * which nothing runs any more the last exits are told at once. Errors: NO_SUCH_SERVICE, NO_CONTAINER_TO_WAIT_FOR, and WAIT_FAILED
 * for a container that cannot be waited for to its end.
 */
export async function wait(
  target: Target,
  services: readonly string[],
  request: WaitRequest = {},
): Promise<readonly ContainerEnd[]> {
  const { name, project } = await resolveProject(target)
  if (project !== undefined) checkServices(serviceNames(project), services)
  const env = environmentOf(target)
  const docker = await connectEngine(env)
  return lettingGo(docker, 'always', async () => {
    const reconnect = (): Promise<unknown> => connectEngine(env)
    const all = await overEngines(reconnect, () => listProjectContainers(docker, name, true))
    const chosen = [...new Set(services)].map(service => ({ service, containers: meant(all, service) }))
    for (const { service, containers } of chosen)
      if (containers.length === 0) throw await nothingToWaitFor(target, service)
    const ends: ContainerEnd[] = []
    const waitForOne = async (container: ContainerSummary): Promise<void> => {
      const exitCode = await exitOf(docker, reconnect, container, request.signal)
      const end = { id: container.Id, name: nameOf(container), service: serviceOf(container), exitCode }
      ends.push(end)
      request.onEnd?.(end)
    }
    await Promise.all(chosen.flatMap(({ containers }) => containers.map(waitForOne)))
    return ends
  })
}

/** What runs of the service; where nothing does, its replicas that have ended. */
function meant(all: readonly ContainerSummary[], service: string): readonly ContainerSummary[] {
  const own = all.filter(container => serviceOf(container) === service)
  const active = own.filter(
    ({ State }) => State === 'running' || State === 'paused' || State === 'restarting',
  )
  if (active.length > 0) return active
  return own.filter(
    container => !isOneOff(container) && (container.State === 'exited' || container.State === 'dead'),
  )
}

async function exitOf(
  docker: Docker,
  reconnect: () => Promise<unknown>,
  container: ContainerSummary,
  signal: AbortSignal | undefined,
): Promise<number> {
  const options = { condition: 'not-running', ...(signal === undefined ? {} : { abortSignal: signal }) }
  try {
    const { StatusCode } = await overEngines(reconnect, () => docker.getContainer(container.Id).wait(options))
    return StatusCode
  } catch (error) {
    if (signal?.aborted === true) throw new Interrupted()
    if (!(error instanceof Failure)) throw error
    throw failure({
      code: 'WAIT_FAILED',
      kind: error.kind,
      summary: `container "${nameOf(container)}" could not be waited for: ${messageOf(error)}`,
      cause: error,
    })
  }
}

async function nothingToWaitFor(target: Target, service: string): Promise<Error> {
  checkServices((await knownServices(target)) ?? [service], [service])
  return failure({
    code: 'NO_CONTAINER_TO_WAIT_FOR',
    kind: 'notFound',
    summary: `service "${service}" has no container that runs or has run`,
    hint: `tscompose up -d ${service}`,
  })
}
