import { failure } from '../../diagnostics/index.ts'
import type { Family } from '../ip/address.ts'
import { type Prefix, parsePrefix } from '../ip/prefix.ts'
import type { FirewallNetwork, FirewallState } from './firewall-state.ts'
import { publishedRanges, publishedSets } from './published-sets.ts'
import {
  ACCEPT,
  byLink,
  DROP,
  ESTABLISHED,
  from,
  jump,
  link,
  linkBytes,
  linkOf,
  MASQUERADE,
  notLink,
  RETURN,
  TRANSLATED,
  to,
  toPublished,
  toPublishedAt,
} from './rule-words.ts'
import { type Chain, commentOf, type Element, type NamedSet, type Rule, rule, type Table } from './table.ts'

/** `tscompose`, or `tscompose_<engineId>` for an engine with a root of its own. */
export function tableName(engineId: string): string {
  return engineId === '' ? 'tscompose' : `tscompose_${engineId}`
}

/** Where chains stand among those of others (nft(8)). */
const PRIORITY = { dstnat: -100, filter: 0, srcnat: 100 } as const

/**
 * The whole table; without networks there is none. Base chains have policy accept: what is neither from nor to one of our
 * bridges passes as if the table were not there. What depends on a network or a port is an element of a map, so that one
 * more is a message more, and a packet finds it without a look at the others.
 * `owner`, the engine's ROOT, becomes the table's comment: whoever finds it later can tell whether it is still somebody's.
 */
export function tableOf(engineId: string, state: FirewallState, owner?: string): Table | undefined {
  if (state.networks.length === 0) return undefined
  const parts = state.networks.map(partsOf)
  const verdicts = (direction: Direction): NamedSet => ({
    key: ['ifname'],
    value: 'verdict',
    elements: new Map(parts.map(({ jumps }) => jumps[direction])),
  })
  return {
    name: tableName(engineId),
    ...commentOf(owner),
    sets: new Map<string, NamedSet>([
      ['links', { key: ['ifname'], elements: new Map(parts.map(({ link: element }) => element)) }],
      ['to_network', verdicts('to')],
      ['from_network', verdicts('from')],
      ['leaving', verdicts('leaving')],
      ...publishedSets(state),
    ]),
    chains: new Map<string, Chain>([
      ...parts.flatMap(({ chains }) => chains),
      ['published', publishedChain(state)],
      ...baseChains(),
    ]),
  }
}

type Direction = 'to' | 'from' | 'leaving'

/** What the table has of a network: made once, so that those of a thousand are told from others by what they are. */
interface NetworkParts {
  readonly link: readonly [string, Element]
  readonly jumps: Readonly<Record<Direction, readonly [string, Element]>>
  readonly chains: readonly (readonly [string, Chain])[]
}

const made = new WeakMap<FirewallNetwork, NetworkParts>()

function partsOf(network: FirewallNetwork): NetworkParts {
  const known = made.get(network)
  if (known !== undefined) return known
  const parts = {
    link: linkElement(network.link),
    jumps: { to: jumpTo(network, 'to'), from: jumpTo(network, 'from'), leaving: jumpTo(network, 'leaving') },
    chains: networkChains(network),
  }
  made.set(network, parts)
  return parts
}

function jumpTo(network: FirewallNetwork, direction: Direction): [string, Element] {
  const chain = `${direction}_${key(network)}`
  const [words, { encode }] = linkElement(network.link)
  return [words, { value: `jump ${chain}`, encode: () => ({ ...encode(), value: { jump: chain } }) }]
}

function linkElement(name: string): [string, Element] {
  return [quoted(name), { encode: () => ({ key: linkBytes(name) }) }]
}

/**
 * `to_…`: only what a container asked for and what a published port was translated for comes in; not what another
 * network, the LAN or another engine's bridge sends (our relays and the host itself don't pass the forward hook).
 * `from_…`: everything but from internal networks. `leaving_…`: what leaves takes the address of the interface that it leaves
 * by; what the host does not route is left alone: with br_netfilter the frames within any bridge come there, also one of
 * another engine with the same subnet, and have no `iifname`.
 */
function networkChains(network: FirewallNetwork): [string, Chain][] {
  const { internal, link: name, masqueraded } = network
  const comment = commentOf(`network ${network.name}`)
  const of = key(network)
  return [
    [
      `to_${of}`,
      {
        ...comment,
        rules: [rule(link('iifname', name), ACCEPT), ...(internal ? [] : [rule(TRANSLATED, ACCEPT)]), DROP],
      },
    ],
    [`from_${of}`, { ...comment, rules: [internal ? rule(notLink('oifname', name), DROP) : ACCEPT] }],
    [
      `leaving_${of}`,
      {
        ...comment,
        rules: masqueraded.map(subnet =>
          rule(from(prefixOf(subnet), subnet), notLink('oifname', name), MASQUERADE),
        ),
      },
    ],
  ]
}

/**
 * Published ports are translated, so that the container sees the client's address: of packets from other machines, and of the host's own to
 * one of its addresses that is not loopback. What containers send is left out, and so is all that goes to loopback addresses:
 * they reach the relay's listener. So no route_localnet and no hairpin rules are needed.
 */
function baseChains(): [string, Chain][] {
  base ??= [
    [
      'forward',
      {
        hook: { hook: 'forward', priority: PRIORITY.filter, policy: 'accept' },
        rules: [
          rule(ESTABLISHED, ACCEPT),
          byLink('oifname', 'to_network'),
          byLink('iifname', 'from_network'),
        ],
      },
    ],
    [
      'prerouting',
      {
        hook: { hook: 'prerouting', type: 'nat', priority: PRIORITY.dstnat, policy: 'accept' },
        rules: [
          rule(link('iifname', 'lo'), RETURN),
          rule(link('iifname', 'tsc-*'), RETURN),
          rule(linkOf('iifname', 'links'), RETURN),
          jump('published'),
        ],
      },
    ],
    [
      'output',
      {
        hook: { hook: 'output', type: 'nat', priority: PRIORITY.dstnat, policy: 'accept' },
        rules: [
          rule(to(prefixOf('127.0.0.0/8'), '127.0.0.0/8'), RETURN),
          rule(to(prefixOf('::1/128'), '::1'), RETURN),
          jump('published'),
        ],
      },
    ],
    [
      'postrouting',
      {
        hook: { hook: 'postrouting', type: 'nat', priority: PRIORITY.srcnat, policy: 'accept' },
        rules: [byLink('iifname', 'leaving')],
      },
    ],
  ]
  return base
}

/** What the maps have of single ports, and the ranges. */
function publishedChain(state: FirewallState): Chain {
  ports ??= FAMILIES.flatMap(family => [
    toPublishedAt(family, `ports${family}_at`),
    toPublished(family, `ports${family}`),
  ])
  return { rules: [...ports, ...publishedRanges(state)] }
}

const FAMILIES: readonly Family[] = [4, 6]
let ports: Rule[] | undefined
/** The same for every state. */
let base: [string, Chain][] | undefined

/** Part of the names of a network's chains. */
function key(network: FirewallNetwork): string {
  if (!/^[0-9a-f]{12,}$/.test(network.id)) throw unsafe(network.id)
  return network.id.slice(0, 12)
}

function prefixOf(subnet: string): Prefix {
  const prefix = parsePrefix(subnet)
  if (!prefix) throw unsafe(subnet)
  return prefix
}

/** The links that no `tsc-*` stands for: the user chose their names. */
export function linksOfOwnName({ networks }: Pick<FirewallState, 'networks'>): string[] {
  return networks.map(({ link: name }) => name).filter(name => !name.startsWith('tsc-'))
}

/** Nothing that is not an interface's name gets into the ruleset, whoever checked it before. */
function quoted(name: string): string {
  if (!/^[A-Za-z0-9_.-]{1,15}$/.test(name)) throw unsafe(name)
  return `"${name}"`
}

function unsafe(text: string): Error {
  return failure({
    code: 'FIREWALL_UNSAFE',
    kind: 'invalidArgument',
    summary: `Can't use ${JSON.stringify(text)} in a firewall rule`,
  })
}
