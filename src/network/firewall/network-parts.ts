import { failure } from '../../diagnostics/index.ts'
import { type Prefix, parsePrefix } from '../ip/prefix.ts'
import type { FirewallNetwork, FirewallState } from './firewall-state.ts'
import { ACCEPT, DROP, from, link, linkBytes, MASQUERADE, notLink, TRANSLATED } from './rule-words.ts'
import { type Chain, commentOf, type Element, rule } from './table.ts'

/** Where packets of a network go, or come from. */
export type Direction = 'to' | 'from' | 'leaving'

/** What the table has of a network. */
interface NetworkParts {
  readonly link: readonly [string, Element]
  readonly jumps: Readonly<Record<Direction, readonly [string, Element]>>
  readonly chains: readonly (readonly [string, Chain])[]
}

const made = new WeakMap<FirewallNetwork, NetworkParts>()

/** Made once for each network, so that those of a thousand are told from others by what they are. FIREWALL_UNSAFE for names and subnets that are none. */
export function partsOf(network: FirewallNetwork): NetworkParts {
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

/** Part of the names of a network's chains. */
function key(network: FirewallNetwork): string {
  if (!/^[0-9a-f]{12,}$/.test(network.id)) throw unsafe(network.id)
  return network.id.slice(0, 12)
}

/** Reads a subnet. FIREWALL_UNSAFE for what is none. */
export function prefixOf(subnet: string): Prefix {
  const prefix = parsePrefix(subnet)
  if (!prefix) throw unsafe(subnet)
  return prefix
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

/** The links that no `tsc-*` stands for: the user chose their names. */
export function linksOfOwnName({ networks }: Pick<FirewallState, 'networks'>): string[] {
  return networks.map(({ link: name }) => name).filter(name => !name.startsWith('tsc-'))
}
