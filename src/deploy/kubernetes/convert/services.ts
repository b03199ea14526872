import type { ServiceObject, ServicePort } from '../objects/objects.ts'
import {
  type Context,
  compact,
  metadata,
  nameOf,
  type PublishTo,
  perContext,
  podSelector,
  type Subject,
  takenNames,
} from './context.ts'
import type { PodGroup } from './groups.ts'
import type { WorkloadKind } from './kind.ts'
import { isName, namesFor } from './names.ts'
import { type ListeningPort, listeningPorts, type PublishedPort, portName, publishedPorts } from './ports.ts'

const FIRST_NODE_PORT = 30_000
const LAST_NODE_PORT = 32_767

/** How the ports of a service are published: it may say so itself. */
export function publishTo({ context, service }: Subject): PublishTo {
  return service['x-tscompose-kubernetes']?.publish ?? context.options.publish ?? 'load-balancer'
}

/** By which names, and from where, the pod of a group is reached. */
export function servicesOf(group: PodGroup, kind: WorkloadKind): ServiceObject[] {
  return group.members.flatMap(member => {
    const isSilent = kind === 'Job' && listeningPorts(member).length === 0
    // Who shares another one's network is reached by that one's name.
    if (isSilent || /^(?:service:|none$)/.test(member.service.network_mode ?? '')) return []
    return [nameService(group, member), ...aliasServices(group, member), ...publishingServices(group, member)]
  })
}

/** The name of the service, for others in the cluster. */
function nameService(group: PodGroup, member: Subject): ServiceObject {
  const { context, name, path, service } = member
  const own = nameOf(context, name)
  const ports = listeningPorts(member)
  if (own !== name)
    context.notes.warn(
      'KUBERNETES_NAME',
      path,
      `Kubernetes takes "${name}" as no name of a service: others reach it as "${own}"`,
      'name it with small letters, digits and hyphens, beginning with a letter, of at most 52 characters',
    )
  const isHeadless = ports.length === 0 || service.deploy?.endpoint_mode === 'dnsrr'
  context.notes.choose(
    path,
    `Service ${own}`,
    ports.length === 0
      ? 'headless, since the file names no port: the name leads to its pods, and so to any port'
      : isHeadless
        ? 'headless, since endpoint_mode is dnsrr'
        : `the name leads to ports ${ports.map(({ port }) => port).join(', ')} alone: others that services ask for go into expose`,
  )
  return named(group, member, own, ports, isHeadless)
}

function named(
  group: PodGroup,
  { context, name }: Subject,
  own: string,
  ports: readonly ListeningPort[],
  isHeadless: boolean,
): ServiceObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(context, own, name),
    spec: compact({
      clusterIP: isHeadless ? ('None' as const) : undefined,
      selector: podSelector(context, group.owner.name),
      ports: ports.map(each => ({ ...portOf(each), port: each.port })),
    }),
  }
}

function portOf({ port, protocol, appProtocol }: ListeningPort): Omit<ServicePort, 'port'> {
  return compact({ name: portName(port, protocol), targetPort: port, protocol, appProtocol })
}

/** Further names, each a Service of its own: aliases, `container_name`, and what links call it. */
function aliasServices(group: PodGroup, member: Subject): ServiceObject[] {
  const { context, name, service, path } = member
  const aliases = new Map<string, readonly (string | number)[]>()
  for (const [network, attachment] of Object.entries(service.networks ?? {}))
    for (const alias of attachment?.aliases ?? []) aliases.set(alias, ['networks', network, 'aliases'])
  if (service.container_name !== undefined) aliases.set(service.container_name, ['container_name'])
  for (const [target, alias] of linksOf(context)) if (target === name) aliases.set(alias, [])
  return [...aliases].flatMap(([alias, at]) => {
    if (alias === name) return []
    const owners = ownersOf(context, alias)
    const isTaken = context.names.has(alias) || takenNames(context).has(alias)
    if (isName(alias) && owners.length === 1 && !isTaken) {
      context.notes.choose([...path, ...at], `Service ${alias}`, `a further name of ${name}`)
      const ports = listeningPorts(member)
      return [named(group, member, alias, ports, ports.length === 0)]
    }
    context.notes.warn(
      'KUBERNETES_NAME',
      [...path, ...at],
      isName(alias)
        ? `the name "${alias}" is one of several services, and of one alone in Kubernetes: it is left out`
        : `Kubernetes takes "${alias}" as no name of a service: it is left out`,
    )
    return []
  })
}

/** Services that have a name beside their own. */
function ownersOf(context: Context, alias: string): string[] {
  const named = Object.entries(context.project.model.services).flatMap(
    ([name, { networks = {}, container_name: own }]) =>
      own === alias || Object.values(networks).some(each => each?.aliases?.includes(alias)) ? [name] : [],
  )
  const linked = linksOf(context).flatMap(([target, each]) => (each === alias ? [target] : []))
  return [...new Set([...named, ...linked])]
}

/** What links call services, as pairs of a service and its other name. */
const linksOf = perContext(({ project }): readonly (readonly [target: string, alias: string])[] => {
  const links = Object.values(project.model.services).flatMap(service => service.links ?? [])
  return links.flatMap(link => {
    const [target = '', alias] = link.split(':')
    return alias === undefined ? [] : [[target, alias] as const]
  })
})

/** What leads to published ports from outside; routes have an object of their own. */
function publishingServices(group: PodGroup, member: Subject): ServiceObject[] {
  const { context, name } = member
  const how = publishTo(member)
  const ports = publishedPorts(member)
  const { network_mode: mode } = member.service
  if (ports.length === 0 || mode === 'host' || (how !== 'load-balancer' && how !== 'node-port')) return []
  const wanted = `${nameOf(context, name)}-published`
  const own = namesFor([wanted], takenNames(context)).get(wanted) ?? wanted
  const type = how === 'node-port' ? ('NodePort' as const) : ('LoadBalancer' as const)
  for (const { path, published } of ports)
    context.notes.choose(
      path,
      `Service ${own}`,
      `${type} publishes ${published}; within the cluster "${name}" has the container's port`,
    )
  const protocols = new Set(ports.map(({ protocol }) => protocol))
  if (protocols.size > 1 && type === 'LoadBalancer')
    context.notes.choose(
      [...member.path, 'ports'],
      `Service ${own}`,
      'one load balancer for several protocols, as Kubernetes 1.26 and later take it; not every provider does',
    )
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata(context, own, name),
      spec: {
        type,
        selector: podSelector(context, group.owner.name),
        ports: unique(ports).map(port => publishedPort(member, port, type)),
      },
    },
  ]
}

/** A port that several addresses publish is published once. */
function unique(ports: readonly PublishedPort[]): PublishedPort[] {
  return [...new Map(ports.map(each => [`${each.published}/${each.protocol}`, each])).values()]
}

function publishedPort(
  { context }: Subject,
  each: PublishedPort,
  type: 'NodePort' | 'LoadBalancer',
): ServicePort {
  const { published, protocol, path } = each
  const isNodePort = published >= FIRST_NODE_PORT && published <= LAST_NODE_PORT
  if (type === 'NodePort' && !isNodePort)
    context.notes.warn(
      'KUBERNETES_PORT',
      path,
      `nodes publish ports ${FIRST_NODE_PORT} to ${LAST_NODE_PORT} alone: the cluster chooses one for ${published}`,
      `write "${FIRST_NODE_PORT + (published % 2768)}:${each.port}"`,
    )
  return compact({
    ...portOf(each),
    name: portName(published, protocol),
    port: published,
    nodePort: type === 'NodePort' && isNodePort ? published : undefined,
  })
}
