import type { Refusal } from '../api/types/index.ts'
import { Failure } from '../diagnostics/index.ts'
import { checkServices, listProjectContainers, logName, nameOf, serviceOf } from './containers.ts'
import { look } from './look.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { environmentOf, type Target } from './target.ts'

/** What a container was kept from: to go to an address, or to ask for a name. */
export type Refused = Refusal & {
  readonly service: string
  /** Without the project's name: `web-1`. */
  readonly container: string
}

export interface RefusedRequest {
  readonly services?: readonly string[]
}

/** What services with `x-tscompose: {egress: …}` were kept from within a day, by container, the last first. Errors: NO_SUCH_SERVICE. */
export async function refused(
  target: Target,
  { services = [] }: RefusedRequest = {},
): Promise<readonly Refused[]> {
  const { name, project } = await resolveProject(target, { needsModel: services.length > 0 })
  if (project) checkServices(serviceNames(project), services)
  return look(environmentOf(target), 'running', async docker => {
    const containers = await listProjectContainers(docker, name, false)
    const asked = containers.filter(each => services.length === 0 || services.includes(serviceOf(each)))
    const found = await Promise.all(
      asked.map(async each => {
        const list = await destinations(() => docker.getContainer(each.Id).refused())
        return list.map(one => ({ ...one, service: serviceOf(each), container: logName(nameOf(each), name) }))
      }),
    )
    return found.flat()
  })
}

/** None of what has gone meanwhile, and of who may go everywhere. */
async function destinations(ask: () => Promise<readonly Refusal[]>): Promise<readonly Refusal[]> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Failure && (error.code === 'EGRESS_FREE' || error.kind === 'notFound')) return []
    throw error
  }
}
