import type { ContainerSummary, ContainerTopResponse } from '../api/types/index.ts'
import type { Docker } from '../client/index.ts'
import { Failure } from '../diagnostics/index.ts'
import { checkServices, listProjectContainers, nameOf, numberOf, serviceOf } from './containers.ts'
import { look } from './look.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { environmentOf, type Target } from './target.ts'

/** The processes of a container, as ps(1) of the host shows them, pids of the host. */
export interface ContainerProcesses {
  readonly container: string
  readonly service: string
  /** 1 is the first of its service; 0 for what `run` started. */
  readonly number: number
  /** `UID`, `PID`, `PPID`, `C`, `STIME`, `TTY`, `TIME`, `CMD`. */
  readonly titles: readonly string[]
  /** A cell each title. */
  readonly processes: readonly (readonly string[])[]
}

export interface TopRequest {
  readonly services?: readonly string[]
}

/** What runs in the project's containers, sorted by container; what stops meanwhile is left out. Errors: NO_SUCH_SERVICE. */
export async function top(
  target: Target,
  { services = [] }: TopRequest = {},
): Promise<readonly ContainerProcesses[]> {
  const { name, project } = await resolveProject(target, { needsModel: services.length > 0 })
  if (project) checkServices(serviceNames(project), services)
  return look(environmentOf(target), 'running', async docker => {
    const containers = await listProjectContainers(docker, name, false)
    const asked = containers.filter(each => services.length === 0 || services.includes(serviceOf(each)))
    const found = await Promise.all(asked.map(each => processesOf(docker, each)))
    return found.flatMap(each => each ?? [])
  })
}

async function processesOf(
  docker: Docker,
  container: ContainerSummary,
): Promise<ContainerProcesses | undefined> {
  const found = await askTop(docker, container.Id)
  if (found === undefined) return undefined
  return {
    container: nameOf(container),
    service: serviceOf(container),
    number: numberOf(container),
    titles: found.Titles,
    processes: found.Processes,
  }
}

/** Undefined of what has stopped, or gone, since it was listed. */
async function askTop(docker: Docker, id: string): Promise<ContainerTopResponse | undefined> {
  try {
    return await docker.getContainer(id).top()
  } catch (error) {
    if (error instanceof Failure && (error.kind === 'conflict' || error.kind === 'notFound')) return undefined
    throw error
  }
}
