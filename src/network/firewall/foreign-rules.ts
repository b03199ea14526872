import { type ChainPlace, conntrackMatch, counter, type TableFamily } from '../netlink/index.ts'
import type { FirewallState } from './firewall-state.ts'
import { linksOfOwnName } from './network-parts.ts'
import { openPorts, toOpenPorts } from './open-ports.ts'
import { ACCEPT, ESTABLISHED, link, NEIGHBOURS, type OpenPorts, RETURN } from './rule-words.ts'
import { type Rule, rule } from './table.ts'

/** What foreign chains have for us; nothing where we have no networks. */
export type ForeignAccess = OpenedAccess | 'none'

interface OpenedAccess {
  /** The links that are let through beside `tsc-*`: those of a name of the user's. */
  readonly named: readonly string[]
  /** Ports of the host that are published, for containers. */
  readonly ports: readonly OpenPorts[]
  /** The same for the host's own clients, which come by `lo`. */
  readonly ownPorts: readonly OpenPorts[]
  /** Whether anything is published: what containers answer comes in to the host. */
  readonly isServing: boolean
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
  if (networks.length === 0) return 'none'
  return {
    named: linksOfOwnName({ networks }),
    ports: openPorts(published, 'links'),
    ownPorts: openPorts(published, 'lo'),
    isServing: published.length > 0,
  }
}

/**
 * An accept in our table can't undo a drop in another one: every base chain of a hook has its say. Docker, ufw, firewalld and
 * others drop or reject what they don't know, and then nothing of our containers would leave the machine, and none would reach a
 * published port by an address of the host's, which comes in to a listening socket. The rules are in the form iptables-nft reads.
 */
export function foreignRules(
  hook: ForeignHook,
  { family, table, name }: ChainPlace,
  access: OpenedAccess,
): readonly Rule[] {
  if (hook === 'forward') return forwarded(access.named)
  const isOfIptables = family !== 'inet' && table === 'filter' && name === 'INPUT'
  return received(family, access, isOfIptables ? ESTABLISHED_TOO : ESTABLISHED)
}

/**
 * To published ports, from containers and by `lo`; and what is answered to those who came there, since a chain may drop answers, too: the relay and
 * the host's own clients are connected to containers.
 */
function received(
  family: TableFamily,
  { named, ports, ownPorts, isServing }: OpenedAccess,
  answers: Rule,
): Rule[] {
  if (!isServing) return []
  const ours = [OURS, ...named]
  const by = (name: string, ...what: readonly Rule[]): Rule =>
    rule(link('iifname', name), ...what, COUNTER, ACCEPT)
  return [
    ...[...ours, 'lo'].map(name => by(name, answers)),
    ...(family === 'ip' ? [] : ours.map(name => by(name, NEIGHBOURS))),
    ...ports.flatMap(each => toOpenPorts(family, each) ?? []).flatMap(to => ours.map(name => by(name, to))),
    ...ownPorts.flatMap(each => toOpenPorts(family, each) ?? []).map(to => by('lo', to)),
  ]
}

/** As `ESTABLISHED`, in the words of iptables, which refuses to list a table of its own with others; nft, which lists a match of iptables without its words, would lose it where somebody saves the list. */
const ESTABLISHED_TOO: Rule = {
  text: 'xt match conntrack established,related',
  encode: () => [conntrackMatch()],
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
