import type { VolumeInspect } from '../api/types/index.ts'
import type { Docker } from '../client/index.ts'
import { checkServices, listProjectContainers, serviceOf } from './containers.ts'
import { look } from './look.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { environmentOf, type Target } from './target.ts'

/** A volume of a project. */
export interface ProjectVolume {
  readonly name: string
  readonly driver: string
  /** Where its files are on the host. */
  readonly mountpoint: string
  readonly scope: string
  readonly labels: Readonly<Record<string, string>>
}

export interface VolumesRequest {
  /** Only what running containers of these have mounted. */
  readonly services?: readonly string[]
}

/** The volumes that a project has made, sorted by name; not those without a name. Errors: NO_SUCH_SERVICE. */
export async function volumes(
  target: Target,
  { services = [] }: VolumesRequest = {},
): Promise<readonly ProjectVolume[]> {
  const { name, project } = await resolveProject(target, { needsModel: services.length > 0 })
  if (project) checkServices(serviceNames(project), services)
  return look(environmentOf(target), 'all', async docker => {
    const filters = { label: [`com.docker.compose.project=${name}`] }
    const { Volumes } = await docker.listVolumes({ filters })
    const mounted = services.length === 0 ? undefined : await mountedBy(docker, name, services)
    return Volumes.filter(volume => mounted?.has(volume.Name) !== false)
      .map(projectVolume)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  })
}

async function mountedBy(
  docker: Docker,
  project: string,
  services: readonly string[],
): Promise<ReadonlySet<string>> {
  const containers = await listProjectContainers(docker, project, false)
  const mounts = containers.filter(each => services.includes(serviceOf(each))).flatMap(({ Mounts }) => Mounts)
  return new Set(mounts.flatMap(({ Name }) => Name ?? []))
}

function projectVolume({ Name, Driver, Mountpoint, Scope, Labels }: VolumeInspect): ProjectVolume {
  return { name: Name, driver: Driver, mountpoint: Mountpoint, scope: Scope, labels: Labels ?? {} }
}
