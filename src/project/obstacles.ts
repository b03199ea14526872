import type { ContainerSummary } from '../api/types/index.ts'
import type { Docker } from '../client/index.ts'
import { type Diagnostic, Failure } from '../diagnostics/index.ts'
import {
  endingContainers,
  locateFailure,
  type PlannedPorts,
  type PlannedRequests,
  plannedPorts,
  plannedRequests,
  yieldingContainers,
} from '../executor/index.ts'
import type { Project } from '../model/index.ts'
import type { CreateContainer, Observed, Plan } from '../planner/index.ts'
import type { ConnectedProject } from './connected-project.ts'
import { besideInstances } from './instances.ts'
import { joinedNames, missingContainers } from './missing-containers.ts'
import { wrongMounts } from './mount-obstacles.ts'
import { impossibleNetworks, missingNetworks, refusedPlaces } from './network-obstacles.ts'
import { placed } from './placed.ts'
import { environmentOf } from './target.ts'
import { unknownUsers } from './user-obstacles.ts'

/**
 * What stands in the plan's way on the engine and the host at this moment, each at its place in the file: ports of the host that
 * others have, networks and containers that `network_mode` and the like name and that are not there, mounts that fit nothing
 * of the image, users whom it does not know, networks that this machine cannot have. It asks no more than the plan gives reason to.
 */
async function findObstacles(
  plan: Plan,
  observed: Observed,
  { project, docker, target }: ConnectedProject,
): Promise<readonly Diagnostic[]> {
  const creations = plan.operations.flatMap(each => (each.type === 'createContainer' ? [each] : []))
  const ports = plannedPorts(plan, observed)
  const names = creations.flatMap(creation => joinedNames(creation))
  const containers = creations.length + ports.length === 0 ? [] : await docker.listContainers({ all: true })
  const isHere = !environmentOf(target)['DOCKER_HOST']
  return [
    ...(await missingNetworks(plan, creations, project, docker)),
    ...missingContainers(names, containers, plan, project),
    ...takenNames(creations, containers, plan, project),
    ...(isHere ? await refusedRequests(plan, project, docker) : []),
    ...(ports.length === 0 ? [] : await takenPorts(ports, containers, { plan, project, docker, isHere })),
  ]
}

/** The plan with what stands in its way now: nothing of it is done then. */
export async function withObstacles(
  plan: Plan,
  observed: Observed,
  connected: ConnectedProject,
): Promise<Plan> {
  const found = once(await findObstacles(plan, observed, connected))
  return found.length === 0 ? plan : { ...plan, problems: [...(plan.problems ?? []), ...found] }
}

/** What holds for each container of a service, or is found in two ways, is told once. */
export function once(found: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(found.map(each => [JSON.stringify(each), each])).values()]
}

/** What of the requests fits neither this machine nor our engine's networks nor the images. */
async function refusedRequests(plan: Plan, project: Project, docker: Docker): Promise<readonly Diagnostic[]> {
  if (plan.operations.every(({ type }) => type !== 'createNetwork' && type !== 'createContainer')) return []
  const planned = plannedRequests(plan, project)
  return [
    ...(await impossibleNetworks(planned, project)),
    ...(await refusedPlaces(planned, project)),
    ...(await againstImages(plan, planned, project, docker)),
  ]
}

/** What fits nothing of the images, as far as these are there: one that comes first is not known. */
async function againstImages(
  plan: Plan,
  { requests }: PlannedRequests,
  project: Project,
  docker: Docker,
): Promise<readonly Diagnostic[]> {
  const coming = new Set(
    plan.operations.flatMap(each =>
      each.type === 'pullImage' || each.type === 'buildImage' ? each.reference : [],
    ),
  )
  const containers = requests.filter(each => each.kind === 'container')
  const found = await Promise.all(
    containers
      .filter(({ body }) => !coming.has(body.Image ?? ''))
      .flatMap(each => [wrongMounts(each, project, docker), unknownUsers(each, project, docker)]),
  )
  return found.flat()
}

/** Names that containers have which the plan leaves as they are. */
function takenNames(
  creations: readonly CreateContainer[],
  containers: readonly ContainerSummary[],
  plan: Plan,
  project: Project,
): Diagnostic[] {
  const ending = endingContainers(plan)
  const staying = containers.filter(({ Id }) => !ending.has(Id))
  // A name that `run` is given is blamed on its flag by the engine's own refusal.
  const named = creations.filter(({ oneOff }) => oneOff !== true)
  return named.flatMap(({ serviceName, service, resource }) => {
    const holder = staying.find(({ Names }) => Names.includes(`/${resource.name}`))
    if (holder === undefined) return []
    const place = [
      'services',
      serviceName,
      ...(service.container_name === undefined ? [] : ['container_name']),
    ]
    return {
      ...placed(project, place),
      code: 'NAME_IN_USE',
      summary: `container ${holder.Id.slice(0, 12)} has the name "${resource.name}"`,
      hint: 'remove or rename that container',
    }
  })
}

interface PortTerms {
  readonly plan: Plan
  readonly project: Project
  readonly docker: Docker
  readonly isHere: boolean
}

async function takenPorts(
  ports: readonly PlannedPorts[],
  containers: readonly ContainerSummary[],
  { plan, project, docker, isHere }: PortTerms,
): Promise<Diagnostic[]> {
  const { tryPorts } = await import('../engine/trial/ports.ts')
  const ending = yieldingContainers(plan)
  const leaving = containers.filter(({ Id }) => ending.has(Id))
  // A port that only names of instances are served at is given up for whoever publishes it.
  const named = containers.flatMap(({ TscomposeNames: names = [] }) =>
    names.flatMap(({ Port, Answers }) => (Answers ? Port : [])),
  )
  const freed = new Set([...(await Promise.all(leaving.map(each => portsOf(each, docker)))).flat(), ...named])
  const held = containers
    .filter(({ Id }) => !ending.has(Id))
    .map(({ Names, Ports }) => ({ holder: (Names[0] ?? '').replace(/^\//, ''), ports: Ports }))
  const found: Diagnostic[] = []
  for (const { operation, bindings } of ports)
    for (const refusal of await tryPorts(bindings, { held, freed, isHere }))
      found.push(
        ...locateFailure(
          new Failure('conflict', [withWayOut(refusal, containers, project)]),
          operation,
          project,
        ).diagnostics,
      )
  return found
}

/** Of a port that an instance and the project itself cannot both have. */
function withWayOut(
  refusal: Diagnostic,
  containers: readonly ContainerSummary[],
  project: Project,
): Diagnostic {
  if (refusal.code !== 'PORT_IN_USE') return refusal
  const { port } = refusal.facts ?? {}
  const holders = containers.filter(({ Ports }) => Ports.some(({ PublicPort }) => `${PublicPort}` === port))
  const hint = besideInstances(
    project,
    holders.map(({ Labels }) => Labels['com.docker.compose.project'] ?? ''),
  )
  return hint === undefined ? refusal : { ...refusal, hint }
}

/** The host's ports that go with a container; one that was taken off its networks has ports that no list tells. */
async function portsOf({ Id, State, Ports }: ContainerSummary, docker: Docker): Promise<readonly number[]> {
  const told = Ports.flatMap(({ PublicPort }) => PublicPort ?? [])
  if (told.length > 0 || State !== 'running') return told
  const { HostConfig } = await docker.getContainer(Id).inspect()
  return Object.values(HostConfig.PortBindings ?? {}).flatMap(
    bindings => bindings?.map(({ HostPort }) => Number(HostPort)) ?? [],
  )
}
