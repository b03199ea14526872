import type {
  ContainerStatus,
  ContainerSummary,
  MappedIds,
  MountPoint,
  NamedPortSummary,
  OomReport,
  PortSummary,
} from '../api/types/index.ts'
import { checkServices, isOneOff, listProjectContainers, nameOf, numberOf, serviceOf } from './containers.ts'
import { look } from './look.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { environmentOf, type Target } from './target.ts'

export { oomCell } from '../executor/oom-text.ts'
export type { NamedPortSummary }

/** A container of a project. */
export interface ProjectContainer {
  readonly id: string
  readonly name: string
  readonly service: string
  /** 1 is the first of its service. */
  readonly number: number
  readonly oneOff: boolean
  readonly image: string
  readonly command: string
  /** Unix seconds. */
  readonly created: number
  readonly state: ContainerStatus
  /** For people: `Up 5 minutes (healthy)`. */
  readonly status: string
  /** Absent without a health check, and where it does not run. */
  readonly health?: 'starting' | 'healthy' | 'unhealthy'
  /** Of one that has ended; 0 otherwise. */
  readonly exitCode: number
  readonly ports: readonly PortSummary[]
  readonly labels: Readonly<Record<string, string>>
  readonly mounts: readonly Pick<MountPoint, 'Type' | 'Name' | 'Source' | 'Destination'>[]
  /** Names of its networks. */
  readonly networks: readonly string[]
  /** Whose ids its present or last run had; absent of one that was never started, and on other engines. */
  readonly ids?: MappedIds
  /** The engine puts right what drifts of it as it goes. */
  readonly mended?: true
  /** Of its present or last run: a process that was killed for want of memory. */
  readonly oom?: OomReport
  /** Of an instance: where its ports are reached at localhost by its name. */
  readonly names?: readonly NamedPortSummary[]
  /** Of a container on a cluster: the machine that it is on; empty while it is on none. */
  readonly node?: string
}

export interface PsRequest {
  /** Stopped ones and one-offs, too. */
  readonly all?: boolean
  readonly services?: readonly string[]
  /** Only those with one of these states, among the stopped ones, too. */
  readonly states?: readonly string[]
  /** Containers of services that the file does not have; default: true. */
  readonly orphans?: boolean
}

/** The project's containers, sorted by name; of those that run none where no engine does. Errors: NO_SUCH_SERVICE. */
export async function ps(target: Target, request: PsRequest = {}): Promise<readonly ProjectContainer[]> {
  const { services = [], states = [], orphans = true } = request
  const all = request.all === true || states.length > 0
  const { name, project } = await resolveProject(target, { needsModel: services.length > 0 || !orphans })
  const known = project && serviceNames(project)
  if (known) checkServices(known, services)
  const found = await look(environmentOf(target), all ? 'all' : 'running', docker =>
    listProjectContainers(docker, name, all),
  )
  return found
    .filter(container => all || !isOneOff(container))
    .map(projectContainer)
    .filter(({ service }) => services.length === 0 || services.includes(service))
    .filter(({ service }) => orphans || known === undefined || known.includes(service))
    .filter(({ state }) => states.length === 0 || states.includes(state))
}

function projectContainer(container: ContainerSummary): ProjectContainer {
  const { Id, Image, Command, Created, State, Status, Ports, Labels, Mounts, NetworkSettings } = container
  const { TscomposeIds: ids, TscomposeOom: oom, TscomposeMended: mended, TscomposeNames: names } = container
  return {
    id: Id,
    name: nameOf(container),
    service: serviceOf(container),
    number: numberOf(container),
    oneOff: isOneOff(container),
    image: Image,
    command: Command,
    created: Created,
    state: State,
    status: Status,
    ...healthOf(Status),
    exitCode: Number(/^Exited \((\d+)\)/.exec(Status)?.[1] ?? 0),
    ports: Ports,
    labels: Labels,
    mounts: Mounts,
    networks: Object.keys(NetworkSettings.Networks),
    ...(ids === undefined ? {} : { ids }),
    ...(oom === undefined ? {} : { oom }),
    ...(mended === undefined ? {} : { mended }),
    ...(names === undefined ? {} : { names }),
  }
}

/** A list has the health in its words alone. */
function healthOf(status: string): Pick<ProjectContainer, 'health'> {
  const word = /\((healthy|unhealthy|health: starting)\)/.exec(status)?.[1]
  if (word === undefined) return {}
  return { health: word === 'healthy' || word === 'unhealthy' ? word : 'starting' }
}
