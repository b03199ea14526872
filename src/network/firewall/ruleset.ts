import { failure } from '../../diagnostics/index.ts'
import { parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { PublishedTarget } from '../ports/published.ts'

/** What the table has for a network: the link by which its packets come and go, and what may pass. */
export interface FirewallNetwork {
  /** Its first 12 hex digits are in the names of the network's chains. */
  readonly id: string
  /** The interface of the host that leads to the network's containers. */
  readonly link: string
  /** Nothing leaves by another link, and nothing comes in by one. */
  readonly internal: boolean
  /** CIDRs: what comes from there takes the host's address where it leaves. */
  readonly masqueraded: readonly string[]
}

/** All that the table follows from: every network that exists, and the published ports of every running container. */
export interface FirewallState {
  readonly networks: readonly FirewallNetwork[]
  readonly published: readonly PublishedTarget[]
}

/** `tscompose`, or `tscompose_<engineId>` for an engine with a root of its own. */
export function tableName(engineId: string): string {
  return engineId === '' ? 'tscompose' : `tscompose_${engineId}`
}

/** What fits into a comment of nft's, and needs no quoting there. */
const COMMENT = /^[\w./@+:-]{1,127}$/

/**
 * The whole table as one `nft -f` transaction that replaces the one of before; without networks, its removal. Base
 * chains have policy accept: what is neither from nor to one of our bridges passes as if the table were not there.
 * `owner`, the engine's ROOT, becomes the table's comment: whoever finds it later can tell whether it is still somebody's.
 */
export function renderRuleset(engineId: string, state: FirewallState, owner?: string): string {
  const table = `inet ${tableName(engineId)}`
  const replace = [`add table ${table}`, `delete table ${table}`]
  if (state.networks.length === 0) return lines(replace)
  return lines([
    ...replace,
    `table ${table} {`,
    ...(owner !== undefined && COMMENT.test(owner) ? [`comment "${owner}"`] : []),
    ...state.networks.flatMap(networkChains),
    ...forwardChain(state.networks),
    ...translationChains(state),
    ...postroutingChain(state.networks),
    '}',
  ])
}

/**
 * `to_…`: only what a container asked for and what a published port was translated for comes in; not what another
 * network, the LAN or another engine's bridge sends (our relays and the host itself don't pass the forward hook).
 * `from_…`: everything but from internal networks.
 */
function networkChains(network: FirewallNetwork): string[] {
  const link = quoted(network.link)
  const inside = [`iifname ${link} accept`]
  const outside = network.internal ? [] : ['ct status dnat accept']
  return [
    ...chain(`to_${key(network)}`, [...inside, ...outside, 'drop']),
    ...chain(`from_${key(network)}`, network.internal ? [`oifname != ${link} drop`] : ['accept']),
  ]
}

function forwardChain(networks: readonly FirewallNetwork[]): string[] {
  const jumps = (direction: 'to' | 'from'): string =>
    networks.map(network => `${quoted(network.link)} : jump ${direction}_${key(network)}`).join(', ')
  return chain('forward', [
    'type filter hook forward priority filter; policy accept;',
    'ct state established,related accept',
    `oifname vmap { ${jumps('to')} }`,
    `iifname vmap { ${jumps('from')} }`,
  ])
}

/**
 * Published ports, so that the container sees the client's address: of packets from other machines, and of the host's own to
 * one of its addresses that is not loopback. What containers send is left out, and so is all that goes to loopback addresses:
 * they reach the relay's listener. So no route_localnet and no hairpin rules are needed. A port published on a loopback address has its
 * listener alone.
 */
function translationChains(state: FirewallState): string[] {
  const byId = new Map(state.networks.map(network => [network.id, network]))
  const rules = state.published.flatMap(port => {
    const network = byId.get(port.networkId)
    return network && !network.internal ? dnatRules(port) : []
  })
  const named = linksOfOwnName(state).map(link => `iifname ${quoted(link)} return`)
  return [
    ...chain('published', rules),
    ...chain('prerouting', [
      'type nat hook prerouting priority dstnat; policy accept;',
      'iifname "lo" return',
      'iifname "tsc-*" return',
      ...named,
      'jump published',
    ]),
    ...chain('output', [
      'type nat hook output priority -100; policy accept;',
      'ip daddr 127.0.0.0/8 return',
      'ip6 daddr ::1 return',
      'jump published',
    ]),
  ]
}

/** A range is one rule. */
function dnatRules(port: PublishedTarget): string[] {
  const host = parseAddress(port.hostIp)
  const target = parseAddress(port.targetIp)
  // A port of one family that leads to the other is the relay's alone: the kernel translates within a family.
  if (!host || !target || host.family !== target.family || isLoopback(port.hostIp)) return []
  const ip = host.family === 4 ? 'ip' : 'ip6'
  const local =
    host.value === 0n ? `meta nfproto ipv${host.family} fib daddr type local` : `${ip} daddr ${port.hostIp}`
  const { protocol, hostPort, count } = port
  const ports = count === 1 ? `${hostPort}` : `${hostPort}-${hostPort + count - 1}`
  return [`${local} ${protocol} dport ${ports} dnat ${translation(port, ip)}`]
}

/** Of a range whose numbers change each port has an entry of a map: a translation's own range of ports takes any of them. */
function translation(port: PublishedTarget, ip: 'ip' | 'ip6'): string {
  const { protocol, targetIp, hostPort, containerPort, count } = port
  const to = ip === 'ip' ? targetIp : `[${targetIp}]`
  if (count === 1) return `${ip} to ${to}:${containerPort}`
  if (hostPort === containerPort) return `${ip} to ${to}`
  const entries = Array.from(
    { length: count },
    (_, at) => `${hostPort + at} : ${targetIp} . ${containerPort + at}`,
  )
  return `${ip} to ${protocol} dport map { ${entries.join(', ')} }`
}

function isLoopback(ip: string): boolean {
  return ip.startsWith('127.') || ip === '::1'
}

/**
 * What leaves a network takes the address of the interface that it leaves by. What the host does not route is left alone: with
 * br_netfilter the frames within any bridge come here, also one of another engine with the same subnet, and have no `iifname`.
 */
function postroutingChain(networks: readonly FirewallNetwork[]): string[] {
  const rules = networks.flatMap(network =>
    network.masqueraded.map(subnet => {
      const prefix = parsePrefix(subnet)
      if (!prefix) throw unsafe(subnet)
      const ip = prefix.family === 4 ? 'ip' : 'ip6'
      const link = quoted(network.link)
      return `${ip} saddr ${subnet} iifname ${link} oifname != ${link} masquerade`
    }),
  )
  return chain('postrouting', ['type nat hook postrouting priority srcnat; policy accept;', ...rules])
}

function chain(name: string, rules: readonly string[]): string[] {
  return [`\tchain ${name} {`, ...rules.map(rule => `\t\t${rule}`), '\t}']
}

/** Part of the names of a network's chains. */
function key(network: FirewallNetwork): string {
  if (!/^[0-9a-f]{12,}$/.test(network.id)) throw unsafe(network.id)
  return network.id.slice(0, 12)
}

/** The links that no `tsc-*` stands for: the user chose their names. */
export function linksOfOwnName({ networks }: Pick<FirewallState, 'networks'>): string[] {
  return networks.map(({ link }) => link).filter(link => !link.startsWith('tsc-'))
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

function lines(list: readonly string[]): string {
  return `${list.join('\n')}\n`
}
