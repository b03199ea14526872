import type { Docker } from '../client/index.ts'
import { observe } from '../executor/index.ts'
import type { Drift, ObservedContainer, ObservedNetwork } from '../planner/index.ts'
import { checkServices } from './containers.ts'
import { look } from './look.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { environmentOf, isForeign, type Target } from './target.ts'

/** One thing that the kernel has otherwise than the engine has set it up. */
export interface Drifted {
  readonly kind: 'container' | 'network'
  /** Of the container or the network, as the engine has it. */
  readonly name: string
  /** Absent of networks. */
  readonly service?: string
  /** As `endpoint.shop_front.link`. */
  readonly path: string
  readonly want: string
  readonly got: string
  /**
   * What puts it right: the next `up` where it stands (`place`), by an `update` of a limit, by a `restart` or by replacing it (`recreate`); or nothing but a
   * new container that is asked for (`none`).
   */
  readonly repair: NonNullable<Drift['repair']>
}

export interface DriftRequest {
  /** Containers of these alone, beside the networks. */
  readonly services?: readonly string[]
}

/**
 * What the kernel has otherwise than it was set up for the project's running containers and its networks; changes nothing, and needs no
 * Compose file. Nothing of a Docker Engine, which tells of none. Errors: NO_SUCH_SERVICE.
 */
export async function drift(
  target: Target,
  { services = [] }: DriftRequest = {},
): Promise<readonly Drifted[]> {
  const { name, project } = await resolveProject(target, { needsModel: services.length > 0 })
  if (project) checkServices(serviceNames(project), services)
  const env = environmentOf(target)
  return look(env, 'running', docker => driftedNow(docker, name, { services, foreignEngine: isForeign(env) }))
}

/** The same by a connection, of a project by its name. */
export async function driftedNow(
  docker: Docker,
  name: string,
  { services = [], foreignEngine = false }: DriftRequest & { readonly foreignEngine?: boolean },
): Promise<readonly Drifted[]> {
  const { networks, containers } = await observe(docker, name, { foreignEngine })
  const asked = containers.filter(each => services.length === 0 || services.includes(each.service))
  return [
    ...sorted(networks).flatMap(network => driftedOf('network', network)),
    ...sorted(asked).flatMap(container => driftedOf('container', container)),
  ]
}

function sorted<T extends { readonly name: string }>(things: readonly T[]): readonly T[] {
  return [...things].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function driftedOf(kind: Drifted['kind'], of: ObservedContainer | ObservedNetwork): Drifted[] {
  return of.drift.map(({ path, want, got, repair = 'restart' }) => ({
    kind,
    name: of.name,
    ...('service' in of ? { service: of.service } : {}),
    path,
    want,
    got,
    repair,
  }))
}
