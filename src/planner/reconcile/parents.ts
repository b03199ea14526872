import { failure } from '../../diagnostics/index.ts'
import type { Service } from '../../model/index.ts'
import { replicasOf } from '../observed/find.ts'
import type { Observed, ObservedContainer } from '../observed/observed.ts'
import type { ContainerLink, ContainerRef, Guard, ParentRefs } from '../plan/operation.ts'
import type { Context } from './context.ts'
import { hasOldLinks, linksOf } from './links.ts'
import { createIdOf, isNew, type Replica, type ServiceFate } from './replica.ts'

/** What happens to a container whose namespaces or volumes another one uses. */
export interface ParentFate {
  readonly service: string
  /** `the network`, `the volumes` …, for the sentence. */
  readonly attribute: string
  readonly fate: 'new' | 'maybe' | 'keep'
  readonly id: string | undefined
  readonly guard: Guard | undefined
  /** The new container takes the network of the old one over, if its engine has it stay. */
  readonly keepsNetwork: boolean
}

const NAMESPACES = [
  ['network_mode', 'the network'],
  ['ipc', 'the ipc namespace'],
  ['pid', 'the process namespace'],
  ['uts', 'the uts namespace'],
] as const

/**
 * Services whose containers the service joins: `network_mode: service:X` and the like, `volumes_from`; with
 * `container:NAME` too, where the plan itself has that name. `fates` are those of the services before this one.
 */
export function parentFates(
  service: Service,
  fates: ReadonlyMap<string, ServiceFate>,
  observed: Observed,
): ParentFate[] {
  return parentServices(service, fates).map(({ name, attribute }) => {
    const fate = fates.get(name)
    const replica = fate?.replicas[0]
    if (fate === undefined || replica === undefined)
      return {
        service: name,
        attribute,
        fate: 'keep',
        id: replicasOf(observed, name)[0]?.id,
        guard: undefined,
        keepsNetwork: true,
      }
    return {
      ...fateOf(name, attribute, replica),
      keepsNetwork: attribute === 'the network' && keepsNetwork(fate.selected.service, replica),
    }
  })
}

/** The containers of the plan that the service calls by old links, which know their addresses. */
export function linkedFates(
  service: Service,
  links: readonly ContainerLink[],
  fates: ReadonlyMap<string, ServiceFate>,
): ParentFate[] {
  if (!hasOldLinks(service)) return []
  const linked = new Set(links.map(({ container }) => container.name))
  return [...fates].flatMap(([name, { replicas }]) =>
    replicas
      .filter(replica => linked.has(replica.name))
      // That one of them is gone is told by the names.
      .map(replica => ({ ...fateOf(name, 'the addresses', replica), id: undefined, keepsNetwork: false })),
  )
}

function fateOf(service: string, attribute: string, replica: Replica): Omit<ParentFate, 'keepsNetwork'> {
  return {
    service,
    attribute,
    fate: isNew(replica) ? 'new' : replica.obsolete === undefined ? 'keep' : 'maybe',
    id: isNew(replica) ? undefined : replica.existing?.id,
    guard: replica.obsolete?.guard,
  }
}

/** Attributes by which a container may come to have other ids, to which its network would not belong, or another network altogether. */
const OF_ANOTHER_NETWORK =
  /^(network_mode|userns_mode|privileged|pid|ipc|uts|cgroup|cap_add|devices|security_opt|sysctls)\b/

/** Whether the new container of a replica of the service is one that takes the network of the old one over. */
export function keepsNetwork(service: Service, { existing, obsolete, removeFirst }: Replica): boolean {
  if (existing === undefined || removeFirst || isHeldAnew(service, existing)) return false
  return obsolete?.changes.every(({ path }) => !OF_ANOTHER_NETWORK.test(path)) !== false
}

/** Egress where there was none: who is in the network has rights that pass by it, and must not go along. */
function isHeldAnew(service: Service, { extensions }: ObservedContainer): boolean {
  return service['x-tscompose']?.egress !== undefined && extensions?.includes('egress') !== true
}

/** Whether a container goes on without its network's: it stays in the network that the new one takes over. */
export function outlives(container: ObservedContainer, parent: ParentFate): boolean {
  return container.staysInNetwork === true && parent.keepsNetwork
}

function parentServices(
  service: Service,
  fates: ReadonlyMap<string, ServiceFate>,
): { name: string; attribute: string }[] {
  const namespaces = NAMESPACES.flatMap(([key, attribute]) => {
    const name = serviceOf(service[key], fates)
    return name === undefined ? [] : [{ name, attribute }]
  })
  const volumes = (service.volumes_from ?? []).flatMap(source => {
    const { service: name } = volumeSource(source, fates)
    return name === undefined ? [] : [{ name, attribute: 'the volumes' }]
  })
  return [...namespaces, ...volumes]
}

/** References to these containers, and the ids of the operations that create them. */
export function parentRefs(
  context: Context,
  serviceName: string,
  service: Service,
  fates: ReadonlyMap<string, ServiceFate>,
): { readonly parents: ParentRefs; readonly after: readonly string[] } {
  const after: string[] = []
  const before = (): ReadonlyMap<string, ServiceFate> => fatesBefore(serviceName, fates)
  const find = (name: string): ContainerRef => {
    const ref = fates.get(name)?.replicas[0]?.ref ?? existingRef(context.observed, name)
    if (ref === undefined) throw parentMissing(serviceName, name)
    if (ref.createdBy !== undefined) after.push(ref.createdBy)
    return ref
  }
  const namespace = (value: string | undefined): ContainerRef | undefined => {
    const name = value?.includes(':') === true ? serviceOf(value, before()) : undefined
    return name === undefined ? undefined : find(name)
  }
  const network = namespace(service.network_mode)
  const ipc = namespace(service.ipc)
  const pid = namespace(service.pid)
  const uts = namespace(service.uts)
  const volumes = (service.volumes_from ?? []).map(source => {
    const { service: name, container, mode } = volumeSource(source, before())
    return { container: name === undefined ? { name: container, id: container } : find(name), mode }
  })
  const links = hasOldLinks(service) ? linksOf(context, service, before()) : []
  after.push(...links.flatMap(({ container }) => container.createdBy ?? []))
  const parents: ParentRefs = {
    ...(network === undefined ? {} : { network }),
    ...(ipc === undefined ? {} : { ipc }),
    ...(pid === undefined ? {} : { pid }),
    ...(uts === undefined ? {} : { uts }),
    volumes,
    ...(links.length === 0 ? {} : { links }),
  }
  return { parents, after: [...new Set(after)] }
}

/** Those of the services before this one. A one-off container has no fate; those of what it depends on are all there are. */
function fatesBefore(
  serviceName: string,
  fates: ReadonlyMap<string, ServiceFate>,
): ReadonlyMap<string, ServiceFate> {
  const at = [...fates.keys()].indexOf(serviceName)
  return at < 0 ? fates : new Map([...fates].slice(0, at))
}

/** `svc[:ro]` or `container:name[:ro]`; a container that is not of this plan has no service. */
function volumeSource(
  source: string,
  fates: ReadonlyMap<string, ServiceFate>,
): { readonly service: string | undefined; readonly container: string; readonly mode: string } {
  const [first = '', second = '', third = ''] = source.split(':')
  if (first !== 'container') return { service: first, container: '', mode: second || 'rw' }
  return { service: serviceOf(`container:${second}`, fates), container: second, mode: third || 'rw' }
}

function existingRef(observed: Observed, name: string): ContainerRef | undefined {
  const container = replicasOf(observed, name)[0]
  return container === undefined ? undefined : { name: container.name, id: container.id }
}

/** How operations name a replica: by the operation that makes it, by its id, or, under a guard, by both. */
export function refOf(name: string, id: string | undefined, mayBeCreated: boolean): ContainerRef {
  return {
    name,
    ...(id === undefined ? {} : { id }),
    ...(mayBeCreated ? { createdBy: createIdOf(name) } : {}),
  }
}

/** `service:X`, or `container:NAME` with the name of one of these services' containers. */
function serviceOf(value: string | undefined, fates: ReadonlyMap<string, ServiceFate>): string | undefined {
  if (value?.startsWith('service:')) return value.slice('service:'.length)
  if (!value?.startsWith('container:')) return undefined
  const name = value.slice('container:'.length)
  return [...fates].find(([, { replicas }]) => replicas[0]?.name === name)?.[0]
}

function parentMissing(serviceName: string, name: string): Error {
  return failure({
    kind: 'notFound',
    code: 'PARENT_CONTAINER_MISSING',
    summary: `service "${serviceName}" uses namespaces or volumes of "${name}", which has no container`,
    hint: 'start it first, or leave out --no-deps',
  })
}
