import { addressBytes, type Family, formatAddress, parseAddress } from '../ip/address.ts'
import { counter, headerIs, type TableFamily } from '../netlink/index.ts'
import type { PublishedTarget } from '../ports/published.ts'
import type { FirewallState } from './firewall-state.ts'
import { isLoopback, PROTOCOL } from './published-sets.ts'
import { ACCEPT, ADDRESSES, inFamily, link, type PortRange, RETURN, toPorts } from './rule-words.ts'
import { linksOfOwnName } from './ruleset.ts'
import { type Rule, rule } from './table.ts'

/** What foreign chains have for us; nothing where we have no networks. */
export type ForeignAccess = OpenedAccess | 'none'

interface OpenedAccess {
  /** The links that are let through beside `tsc-*`: those of a name of the user's. */
  readonly named: readonly string[]
  /** Ports of the host that are published. */
  readonly ports: readonly OpenPorts[]
}

/** Ports of one address of the host, or of all of a family, that follow each other. */
interface OpenPorts extends PortRange {
  readonly family: Family
  /** The one address. */
  readonly at?: string
}

/** Where foreign chains are looked at: what passes through the host, and what comes in to it. */
export const FOREIGN_HOOKS = ['forward', 'input'] as const
export type ForeignHook = (typeof FOREIGN_HOOKS)[number]

const COUNTER: Rule = { text: 'counter', encode: counter }
const OURS = 'tsc-*'

/** What of a state is to be let through. */
export function foreignAccess({
  networks,
  published,
}: Pick<FirewallState, 'networks' | 'published'>): ForeignAccess {
  return networks.length === 0 ? 'none' : { named: linksOfOwnName({ networks }), ports: openPorts(published) }
}

/**
 * An accept in our table can't undo a drop in another one: every base chain of a hook has its say. Docker, ufw, firewalld and
 * others drop or reject what they don't know, and then nothing of our containers would leave the machine, and none would reach a
 * published port by an address of the host's, which comes in to a listening socket. The rules are in the form iptables-nft reads.
 */
export function foreignRules(
  hook: ForeignHook,
  family: TableFamily,
  { named, ports }: OpenedAccess,
): readonly Rule[] {
  if (hook === 'forward') return forwarded(named)
  return ports.flatMap(each => {
    const place = placeIn(family, each)
    return place === undefined
      ? []
      : [OURS, ...named].map(name => rule(link('iifname', name), ...place, toPorts(each), COUNTER, ACCEPT))
  })
}

/**
 * What goes from our bridges to Docker's own is left for Docker to judge; what comes in, our own table judges. Within
 * itself a link passes first (with br_netfilter its own frames come here): its name may look like one of Docker's.
 */
function forwarded(named: readonly string[]): Rule[] {
  const ours = [OURS, ...named]
  const [inwards, outwards] = ['iifname', 'oifname'] as const
  const [accept, leave] = [rule(COUNTER, ACCEPT), rule(COUNTER, RETURN)]
  return [
    ...named.map(name => rule(link(inwards, name), link(outwards, name), accept)),
    ...ours.flatMap(name => [
      rule(link(inwards, name), link(outwards, 'docker0'), leave),
      rule(link(inwards, name), link(outwards, 'br-*'), leave),
    ]),
    ...ours.flatMap(name => [rule(link(inwards, name), accept), rule(link(outwards, name), accept)]),
  ]
}

/** The host's end of packets to these ports, in a table of that kind; undefined where it sees none of them. */
function placeIn(table: TableFamily, { family, at }: OpenPorts): Rule[] | undefined {
  const word = family === 4 ? 'ip' : 'ip6'
  if (table !== word && table !== 'inet') return undefined
  const address = at === undefined ? undefined : parseAddress(at)
  return [
    ...(table === 'inet' ? [{ text: `meta nfproto ipv${family}`, encode: () => inFamily(family) }] : []),
    ...(address === undefined
      ? []
      : [
          {
            text: `${word} daddr ${at}`,
            encode: () => headerIs(ADDRESSES[family].daddr, addressBytes(address)),
          },
        ]),
  ]
}

/** Those that have a listening socket which rules of the host are not meant for; what follows each other, whoever has it, is one. */
function openPorts(published: readonly PublishedTarget[]): OpenPorts[] {
  const all = published
    .filter(({ protocol, hostIp, proxied }) => protocol !== 'sctp' && proxied !== true && !isLoopback(hostIp))
    .map(portsOf)
    .sort((one, other) =>
      placeOf(one) === placeOf(other) ? one.first - other.first : placeOf(one) < placeOf(other) ? -1 : 1,
    )
  const open: OpenPorts[] = []
  for (const each of all) {
    const before = open.at(-1)
    if (before !== undefined && placeOf(before) === placeOf(each) && each.first <= before.last + 1)
      open[open.length - 1] = { ...before, last: Math.max(before.last, each.last) }
    else open.push(each)
  }
  return open
}

function portsOf({ protocol, hostIp, hostPort, count }: PublishedTarget): OpenPorts {
  const address = parseAddress(hostIp)
  return {
    protocol,
    number: PROTOCOL[protocol],
    first: hostPort,
    last: hostPort + count - 1,
    family: address?.family ?? 4,
    ...(address === undefined || address.value === 0n ? {} : { at: formatAddress(address) }),
  }
}

const placeOf = ({ protocol, family, at = '' }: OpenPorts): string => `${protocol} ${family} ${at}`
