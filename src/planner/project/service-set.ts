import { type Failure, failure } from '../../diagnostics/index.ts'
import { buildGraph, downstreamOf, findCycles, type Graph, order, upstreamOf } from '../../graph/index.ts'
import type { DependsOn, Project, Service } from '../../model/index.ts'
import { compareText } from '../spec/canonical.ts'

/** A service that a command works on. */
export interface SelectedService {
  readonly name: string
  readonly service: Service
  /** Named on the command line, or nothing was named; otherwise it is only there as a dependency. */
  readonly targeted: boolean
  /** Edges to services of the set alone, by name in order. */
  readonly dependencies: readonly Dependency[]
}

export interface Dependency extends DependsOn {
  readonly name: string
}

/** The services a command works on, each behind what it depends on; the order is the same for equal projects. */
export interface ServiceSet {
  readonly services: readonly SelectedService[]
  readonly byName: ReadonlyMap<string, SelectedService>
}

export interface SelectOptions {
  /** Empty or absent = all. */
  readonly named?: readonly string[] | undefined
  /** Besides the named ones: what they need (default), what needs them, or nothing. */
  readonly include?: 'dependencies' | 'dependents' | 'none'
}

/** Selects services of the project; an unknown name is a Failure, and so is a cycle. */
export function selectServices(project: Project, options: SelectOptions = {}): ServiceSet {
  const all = project.model.services
  const named = options.named ?? []
  for (const name of named) if (all[name] === undefined) throw unknownService(project, name)
  const graph = dependencyGraph(all)
  const wanted = widen(graph, named, options.include ?? 'dependencies')
  const targets = new Set(named.length === 0 ? Object.keys(all) : named)
  const services = order(graph)
    .filter(({ id }) => wanted.has(id))
    .map(({ id, value }) => ({
      name: id,
      service: value,
      targeted: targets.has(id),
      dependencies: dependenciesOf(value, name => wanted.has(name)),
    }))
  return { services, byName: new Map(services.map(service => [service.name, service])) }
}

/** The services with the edges of `depends_on`; throws DEPENDENCY_CYCLE. */
function dependencyGraph(services: Readonly<Record<string, Service>>): Graph<Service> {
  const graph = buildGraph(
    Object.keys(services)
      .sort(compareText)
      .map(name => {
        const service = services[name] as Service
        const after = dependenciesOf(service, other => services[other] !== undefined).map(edge => edge.name)
        return { id: name, value: service, after }
      }),
  )
  const [cycle] = findCycles(graph)
  if (cycle === undefined) return graph
  throw failure({
    kind: 'invalidArgument',
    code: 'DEPENDENCY_CYCLE',
    summary: `services depend on each other in a circle: ${[...cycle, cycle[0]].join(' → ')}`,
    hint: 'remove one of these edges of depends_on',
  })
}

function dependenciesOf(service: Service, isThere: (name: string) => boolean): Dependency[] {
  return Object.entries(service.depends_on ?? {})
    .filter(([name]) => isThere(name))
    .sort(([a], [b]) => compareText(a, b))
    .map(([name, edge]) => ({ ...edge, name }))
}

/** True where one of the two has ended, by the file's own word, before the other starts. */
export function areNeverTogether(set: ServiceSet, a: string, b: string): boolean {
  return isOverBefore(set, a, b) || isOverBefore(set, b, a)
}

function isOverBefore(set: ServiceSet, first: string, second: string): boolean {
  const before = new Set([second])
  for (const each of before)
    for (const { name, condition } of set.byName.get(each)?.dependencies ?? []) {
      if (name === first && condition === 'service_completed_successfully') return true
      before.add(name)
    }
  return false
}

/** Whether a service is in the network of another. */
export function sharesNetworks({ model }: Pick<Project, 'model'>): boolean {
  return Object.values(model.services).some(service => service.network_mode?.startsWith('service:') === true)
}

/** Whether the edge to another service is the one that follows from sharing its network, and from nothing else. */
export function isNetworkAlone(service: Service, name: string): boolean {
  const { network_mode: network, ipc, pid, uts, cgroup, links = [], depends_on: edges = {} } = service
  const own = `service:${name}`
  return (
    network === own &&
    edges[name]?.condition === 'service_started' &&
    [ipc, pid, uts, cgroup].every(mode => mode !== own) &&
    links.every(link => link.split(':')[0] !== name)
  )
}

function widen(
  graph: Graph<Service>,
  named: readonly string[],
  include: 'dependencies' | 'dependents' | 'none',
): Set<string> {
  if (named.length === 0) return new Set(graph.indexOf.keys())
  if (include === 'dependencies') return upstreamOf(graph, named)
  return include === 'dependents' ? downstreamOf(graph, named) : new Set(named)
}

/** The Failure for a service that was named and is not enabled, selected or there at all. */
export function unknownService(project: Project, name: string): Failure {
  const disabled = project.disabledServices[name] !== undefined
  return failure({
    kind: 'notFound',
    code: disabled ? 'SERVICE_DISABLED' : 'SERVICE_NOT_FOUND',
    summary: disabled ? `service "${name}" is disabled` : `no such service: ${name}`,
    hint: disabled
      ? hintOfDisabled(project.disabledServices[name]?.profiles ?? [])
      : `services of the project: ${Object.keys(project.model.services).sort(compareText).join(', ')}`,
  })
}

/** One without profiles is merely not among those that the command was asked for. */
function hintOfDisabled(profiles: readonly string[]): string {
  return profiles.length === 0
    ? 'name it on the command line'
    : `enable one of its profiles: ${profiles.join(', ')}`
}
