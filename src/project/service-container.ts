import type { ContainerSummary } from '../api/types/index.ts'
import type { Docker } from '../client/index.ts'
import { failure } from '../diagnostics/index.ts'
import { checkServices, isOneOff, listProjectContainers, numberOf } from './containers.ts'
import { loadModel } from './model.ts'
import { serviceNames } from './project-name.ts'
import type { Target } from './target.ts'

/** A service of a project, and which of its containers is meant. */
export interface ServiceReplica {
  readonly project: string
  readonly service: string
  /** The one with this number; undefined: the lowest, one-offs last. */
  readonly index: number | undefined
}

/** The running container that `exec`, `port` … work on. Errors: SERVICE_NOT_RUNNING, NO_SUCH_SERVICE. */
export async function serviceContainer(
  target: Target,
  docker: Docker,
  replica: ServiceReplica,
): Promise<ContainerSummary> {
  const { project, service, index } = replica
  const running = [...(await listProjectContainers(docker, project, false, service))]
  const order = (container: ContainerSummary): number =>
    isOneOff(container) ? Number.MAX_SAFE_INTEGER : numberOf(container)
  const picked =
    index === undefined
      ? running.sort((a, b) => order(a) - order(b))[0]
      : running.find(container => !isOneOff(container) && numberOf(container) === index)
  if (picked) return picked
  const isInFile = await checkThatFileHas(target, service)
  throw failure({
    code: 'SERVICE_NOT_RUNNING',
    kind: 'conflict',
    summary:
      index === undefined
        ? `service "${service}" is not running`
        : `service "${service}" is not running container #${index}`,
    ...(isInFile ? { hint: `tscompose up -d ${service}` } : {}),
  })
}

/**
 * All containers of a service that there are, running or not, or the one with this number; sorted by number, with `oneOffs` those of
 * `run` as well. Errors: NO_CONTAINER, NO_SUCH_SERVICE.
 */
export async function serviceContainers(
  target: Target,
  docker: Docker,
  { project, service, index }: ServiceReplica,
  oneOffs: boolean,
): Promise<readonly ContainerSummary[]> {
  const found = (await listProjectContainers(docker, project, true, service))
    .filter(container => oneOffs || !isOneOff(container))
    .filter(container => index === undefined || (!isOneOff(container) && numberOf(container) === index))
  if (found.length > 0) return found
  const isKnown = await checkThatFileHas(target, service)
  throw failure({
    code: 'NO_CONTAINER',
    kind: 'notFound',
    summary: `service "${service}" has no container${index === undefined ? '' : ` #${index}`}`,
    ...(isKnown ? { hint: `tscompose up -d ${service}` } : {}),
  })
}

/** What the file does not have cannot be started; false where there is no file, and nobody knows. */
async function checkThatFileHas(target: Target, service: string): Promise<boolean> {
  const known = await knownServices(target)
  if (known !== undefined) checkServices(known, [service])
  return known !== undefined
}

/** Names of the file's services; undefined without one. It is read only now, and quietly: with a project's name there may be none. */
export async function knownServices(target: Target): Promise<readonly string[] | undefined> {
  const { project } = await loadModel(target)
  return project === undefined ? undefined : serviceNames(project)
}
