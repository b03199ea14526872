import { parseEgress } from '../../../notation/index.ts'
import type { Texts } from '../objects/metadata.ts'
import type { NetworkPolicy, PolicyPeer, PolicyPort } from '../objects/objects.ts'
import {
  type Context,
  compact,
  metadata,
  nameOf,
  PART_OF,
  perContext,
  podSelector,
  type Subject,
} from './context.ts'
import type { PodGroup } from './groups.ts'
import { labelValue, namesFor } from './names.ts'
import { publishedPorts } from './ports.ts'
import { publishTo } from './services.ts'

type Egress = NonNullable<NetworkPolicy['spec']['egress']>

/** What policies of a single service are for: their names end with it. */
const PURPOSES = ['published', 'egress', 'alone'] as const
type Purpose = (typeof PURPOSES)[number]

/** Names of networks in the cluster, by those in the file; policies of services have names among the same. */
const networkNames = perContext(({ project, names: services }): ReadonlyMap<string, string> => {
  const networks = Object.entries(project.model.networks ?? {})
  const taken = new Set([...services.values()].flatMap(name => PURPOSES.map(purpose => `${name}-${purpose}`)))
  const names = namesFor(
    networks.map(([, { name }]) => name),
    taken,
  )
  return new Map(networks.map(([key, { name }]) => [key, names.get(name) ?? name]))
})

/** The networks that a pod is on: those of all its containers. */
function networksOf({ members }: PodGroup): string[] {
  return [...new Set(members.flatMap(({ service }) => Object.keys(service.networks ?? {})))]
}

/** Labels of a pod by which policies know its networks. */
export function networkLabels(context: Context, group: PodGroup): Texts {
  if (context.options.networkPolicies === false) return {}
  const names = networkNames(context)
  return Object.fromEntries(
    networksOf(group).map(network => [labelOf(names.get(network) ?? network), 'true']),
  )
}

function labelOf(network: string): string {
  return `tscompose/network.${network}`
}

/**
 * Policies that keep Compose's networks apart: on each its pods reach one another, published ports are open to all, and all
 * else is shut. Pods that are on internal networks alone have no way out but to those networks and to names.
 */
export function policiesOf(context: Context, groups: readonly PodGroup[]): NetworkPolicy[] {
  if (context.options.networkPolicies === false) return []
  const names = networkNames(context)
  const used = Object.keys(context.project.model.networks ?? {}).filter(network =>
    groups.some(group => networksOf(group).includes(network)),
  )
  const within = used.map(network => networkPolicy(context, network, names.get(network) ?? network))
  return [...within, ...groups.flatMap(group => podPolicies(context, group, names))]
}

function networkPolicy(context: Context, network: string, name: string): NetworkPolicy {
  const { [network]: given } = context.project.model.networks ?? {}
  const path = ['networks', network]
  const isExternal = given?.external === true
  context.notes.choose(
    path,
    `NetworkPolicy ${name}`,
    'pods of one network reach each other, and nobody else does',
  )
  if (given?.driver !== undefined && given.driver !== 'bridge' && given.driver !== 'overlay')
    context.notes.warn(
      'KUBERNETES_NETWORK',
      [...path, 'driver'],
      `a cluster has one network: the driver ${given.driver} means nothing there`,
    )
  if ((given?.ipam.config ?? []).length > 0)
    context.notes.warn('KUBERNETES_NETWORK', [...path, 'ipam'], 'a cluster chooses the addresses of its pods')
  const matchLabels = {
    ...(isExternal ? {} : { [PART_OF]: labelValue(context.project.name) }),
    [labelOf(name)]: 'true',
  }
  // What other projects may join is where their pods are, too.
  const anywhere = isExternal ? { namespaceSelector: {} } : {}
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(context, name),
    spec: {
      podSelector: { matchLabels },
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: { matchLabels }, ...anywhere }] }],
    },
  }
}

/** What is particular to a pod: its published ports, and what it may go out to. */
function podPolicies(context: Context, group: PodGroup, names: ReadonlyMap<string, string>): NetworkPolicy[] {
  const { owner } = group
  const podSelectorOfOwner = { matchLabels: podSelector(context, owner.name) }
  const policy = (purpose: Purpose, rules: Omit<NetworkPolicy['spec'], 'podSelector'>): NetworkPolicy => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: metadata(context, `${nameOf(context, owner.name)}-${purpose}`, owner.name),
    spec: { podSelector: podSelectorOfOwner, ...rules },
  })
  if (owner.service.network_mode === 'none')
    return [policy('alone', { policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] })]
  const ports = group.members.flatMap(openPorts)
  const egress = egressOf(context, group, names)
  return [
    ...(ports.length === 0 ? [] : [policy('published', { policyTypes: ['Ingress'], ingress: [{ ports }] })]),
    ...(egress === undefined ? [] : [policy('egress', { policyTypes: ['Egress'], egress })]),
  ]
}

function openPorts(member: Subject): PolicyPort[] {
  if (publishTo(member) === 'none') return []
  const ports = publishedPorts(member).map(({ port, protocol }) => ({ protocol, port }))
  return [...new Map(ports.map(each => [`${each.port}/${each.protocol}`, each])).values()]
}

const NAMES: Egress[number] = {
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
}

/** Where a pod may go, beside names; undefined: anywhere. */
function egressOf(context: Context, group: PodGroup, names: ReadonlyMap<string, string>): Egress | undefined {
  const networks = networksOf(group)
  const { networks: known = {} } = context.project.model
  const isShut = networks.length > 0 && networks.every(network => known[network]?.internal === true)
  const { egress } = group.owner.service['x-tscompose'] ?? {}
  if (!isShut && egress === undefined) return undefined
  const inside = networks.map(
    (network): PolicyPeer => ({
      podSelector: { matchLabels: { [labelOf(names.get(network) ?? network)]: 'true' } },
    }),
  )
  const [first = 'default'] = networks
  context.notes.choose(
    egress === undefined ? ['networks', first] : [...group.owner.path, 'x-tscompose', 'egress'],
    `NetworkPolicy ${nameOf(context, group.owner.name)}-egress`,
    egress === undefined ? 'internal networks have no way out' : 'it goes nowhere else',
  )
  return [
    ...(inside.length === 0 ? [] : [{ to: inside }]),
    NAMES,
    ...(egress ?? []).flatMap(text => egressRule(group.owner, text)),
  ]
}

function egressRule({ context, path }: Subject, text: string): Egress {
  const { address, length, name, protocol, ports: range } = parseEgress(text) ?? {}
  const ports: PolicyPort[] =
    range === undefined
      ? []
      : [
          {
            protocol: protocol === 'udp' ? 'UDP' : 'TCP',
            port: range.from,
            ...(range.to > range.from ? { endPort: range.to } : {}),
          },
        ]
  const where =
    address === undefined
      ? []
      : [{ ipBlock: { cidr: `${address}/${length ?? (address.includes(':') ? 128 : 32)}` } }]
  if (where.length > 0 || name === '*') return [compact({ to: where, ports })]
  context.notes.warn(
    'KUBERNETES_NETWORK',
    [...path, 'x-tscompose', 'egress'],
    `policies of Kubernetes know no names: "${text}" is shut`,
    'write addresses or subnets',
  )
  return []
}
