import type { ContainerSummary, ImageInspect } from '../api/types/index.ts'
import type { Docker } from '../client/index.ts'
import { Failure } from '../diagnostics/index.ts'
import { familiarName, parseReference } from '../oci/reference.ts'
import { checkServices, listProjectContainers, nameOf, serviceOf } from './containers.ts'
import { look } from './look.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { environmentOf, type Target } from './target.ts'

/** The image that a container of a project is made of. */
export interface ContainerImage {
  readonly container: string
  readonly service: string
  /** `sha256:<64 hex>`. */
  readonly id: string
  /** As people write it; absent where the container was made of an id. */
  readonly repository?: string
  readonly tag?: string
  /** `linux/amd64`. */
  readonly platform: string
  /** Bytes; 0 where the image is gone. */
  readonly size: number
  /** Unix seconds. */
  readonly created?: number
  /** RFC 3339. */
  readonly taggedAt?: string
}

export interface ImagesRequest {
  readonly services?: readonly string[]
}

/** The images of a project's containers, running or not, sorted by container. Errors: NO_SUCH_SERVICE. */
export async function images(
  target: Target,
  { services = [] }: ImagesRequest = {},
): Promise<readonly ContainerImage[]> {
  const { name, project } = await resolveProject(target, { needsModel: services.length > 0 })
  if (project) checkServices(serviceNames(project), services)
  return look(environmentOf(target), 'all', async docker => {
    const containers = (await listProjectContainers(docker, name, true)).filter(
      container => services.length === 0 || services.includes(serviceOf(container)),
    )
    const inspects = await inspectAll(docker, new Set(containers.map(({ ImageID }) => ImageID)))
    return containers.map(container => containerImage(container, inspects.get(container.ImageID)))
  })
}

/** Each image once, by its id; those that were removed by force are not there. */
async function inspectAll(
  docker: Docker,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ImageInspect>> {
  const found = await Promise.all(
    [...ids].map(async (id): Promise<[string, ImageInspect][]> => {
      try {
        return [[id, await docker.getImage(id).inspect()]]
      } catch (error) {
        if (error instanceof Failure && error.kind === 'notFound') return []
        throw error
      }
    }),
  )
  return new Map(found.flat())
}

function containerImage(container: ContainerSummary, image: ImageInspect | undefined): ContainerImage {
  const { Os = '', Architecture = '', Variant = '', Size = 0, Created, Metadata } = image ?? {}
  return {
    container: nameOf(container),
    service: serviceOf(container),
    id: container.ImageID,
    ...nameOfImage(container.Image),
    platform: [Os, Architecture, Variant].filter(part => part !== '').join('/'),
    size: Size,
    ...(Created === undefined ? {} : { created: Date.parse(Created) / 1000 }),
    ...(Metadata?.LastTagTime === undefined ? {} : { taggedAt: Metadata.LastTagTime }),
  }
}

function nameOfImage(name: string): Pick<ContainerImage, 'repository' | 'tag'> {
  if (/^(?:sha256:)?[0-9a-f]{64}$/.test(name)) return {}
  const reference = parseReference(name)
  return {
    repository: familiarName(reference),
    ...(reference.tag === undefined ? {} : { tag: reference.tag }),
  }
}
