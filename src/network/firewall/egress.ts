import { failure } from '../../diagnostics/index.ts'
import type { NetlinkOp } from '../../native/index.ts'
import { addressBytes, bitsOf, type Family, parseAddress } from '../ip/address.ts'
import { lastOf, type Prefix, parsePrefix, prefixOf } from '../ip/prefix.ts'
import {
  connectionHas,
  containerNetlink,
  countTarget,
  goto,
  headerBegins,
  linkIs,
  markIs,
  newBaseChain,
  newChain,
  newRule,
  newSet,
  newTable,
  nftBatch,
  protocolIs,
  reject,
  removeRules,
  removeSet,
  removeTable,
  resetTcp,
  type SetPlace,
  verdict,
} from '../netlink/index.ts'
import { EGRESS_TABLE, learnedSets, NEVER_BY_NAME, RELAY_MARK, toLearned } from './egress-names.ts'
import { PROTOCOL } from './published-sets.ts'
import { ADDRESSES, inFamily, linkBytes, ofIcmp6, toPorts } from './rule-words.ts'

/** Where a container may go: the host, an address, or what a name is answered with, with protocol and ports. */
export interface EgressTarget {
  readonly host?: true
  readonly address?: string
  readonly length?: number
  readonly name?: string
  readonly protocol?: 'tcp' | 'udp'
  readonly ports?: { readonly from: number; readonly to: number }
}

/** What rules are made of. */
export interface EgressPolicy {
  readonly targets: readonly EgressTarget[]
  /** Subnets of the container's networks, and their gateways, by which the host is reached. */
  readonly subnets: readonly string[]
  readonly gateways: readonly string[]
  /** Servers that the relay asks from within the container's network. */
  readonly servers: readonly string[]
}

/** Destinations that are remembered as refused, in each family, and for how long after the last packet. */
const REFUSED_MOST = 1024
export const REFUSED_MS: number = 24 * 60 * 60 * 1000

const FAMILIES: readonly Family[] = [4, 6]
const WORDS = { 4: 1, 6: 4 } as const
/** Discovery of neighbours and groups in one network (RFC 4861, RFC 3810): what comes of it stays there. */
const DISCOVERY = [
  [130, 137],
  [143, 143],
] as const
const OUTPUT = { family: 'inet', table: EGRESS_TABLE, name: 'output' } as const
const REFUSE = { family: 'inet', table: EGRESS_TABLE, name: 'refuse' } as const

/** The set of what a family has been refused. */
export const refusedSet = (family: Family): string => `refused${family}`

/**
 * Lets what leaves a container go to its networks and its targets alone, and has the kernel count the rest. The rules lie in the
 * container's own network namespace: they are there before the payload, nobody's reload of the host's rules takes them away, and they need neither
 * engine nor monitor.
 * `instead` of those of before: without targets then none are left.
 */
export function egressOp(policy: EgressPolicy | undefined, instead = false): NetlinkOp[] {
  if (policy === undefined && !instead) return []
  const table = [newTable('inet', EGRESS_TABLE)]
  return [
    operation(
      ...table,
      ...(instead ? [removeTable('inet', EGRESS_TABLE)] : []),
      ...(policy === undefined
        ? []
        : [...(instead ? table : []), ...setsAndChains(policy), ...rulesOf(policy)]),
    ),
  ]
}

/**
 * Other rules in the place of those of a container that runs, in one step: what was refused stays counted, and what names were answered
 * with stays let through, but of names that are not in the policy any more. `before`: the targets of the rules that are there.
 */
export function egressChangeOp(policy: EgressPolicy, before: readonly EgressTarget[]): NetlinkOp {
  const kept = namesOf(policy.targets)
  const gone = learnedSets(namesOf(before).filter(name => !kept.includes(name)))
  return operation(
    newTable('inet', EGRESS_TABLE),
    // Those that go are ensured, too: an engine that was killed may have removed them.
    ...gone.map((place, index) => newSet(place, GONE_ID + index)),
    ...setsAndChains(policy),
    removeRules(OUTPUT),
    removeRules(REFUSE),
    ...rulesOf(policy),
    ...gone.map(removeSet),
  )
}

function operation(...messages: readonly Buffer[]): NetlinkOp {
  const bytes = nftBatch(...messages)
  return { ...containerNetlink('hold it to its egress', bytes), protocol: 'netfilter' }
}

/** Ids of sets in a batch, above those of the policy's. */
const GONE_ID = 100_000

const namesOf = (targets: readonly EgressTarget[]): string[] => targets.flatMap(({ name }) => name ?? [])

function setsAndChains({ targets }: EgressPolicy): Buffer[] {
  return [
    ...[...REFUSED_SETS, ...learnedSets(namesOf(targets))].map((place, index) => newSet(place, index + 1)),
    newChain(REFUSE),
    newBaseChain({ ...OUTPUT, hook: 'output', priority: 0, policy: 'drop' }),
  ]
}

/** In their order: what is said by address; what no name may lead to; what names were answered with; the networks. */
function rulesOf(policy: EgressPolicy): Buffer[] {
  const { targets, gateways, subnets } = policy
  const named = targets.filter(({ name }) => name !== undefined)
  const accepted = [
    connectionHas('state', 6),
    linkIs('oifname', linkBytes('lo')),
    ...DISCOVERY.map(([first, last]) => ofIcmp6(first, last).encode()),
    ...policy.servers.flatMap(server =>
      (['udp', 'tcp'] as const).map(protocol => [
        ...markIs(RELAY_MARK),
        ...toPrefix(single(server)),
        ...byProtocol({ protocol, ports: { from: 53, to: 53 } }),
      ]),
    ),
    ...targets.flatMap(target => acceptedBy(target, gateways)),
  ]
  const never = named.length === 0 ? [] : prefixesOf(NEVER_BY_NAME)
  const learned = named.flatMap(target =>
    FAMILIES.map(family => [...toLearned(family, target.name ?? ''), ...byProtocol(target)]),
  )
  return [
    ...accepted.map(match => newRule(OUTPUT, [...match, verdict('accept')])),
    ...[...gateways.map(single), ...subnets.flatMap(sharedBy), ...never].map(host =>
      newRule(OUTPUT, [...toPrefix(host), goto(REFUSE.name)]),
    ),
    ...[...learned, ...prefixesOf(subnets).map(toPrefix)].map(match =>
      newRule(OUTPUT, [...match, verdict('accept')]),
    ),
    newRule(OUTPUT, [goto(REFUSE.name)]),
    ...FAMILIES.flatMap(refusals).map(rule => newRule(REFUSE, rule)),
    newRule(REFUSE, reject()),
  ]
}

const REFUSED_SETS: readonly SetPlace[] = FAMILIES.map(family => ({
  family: 'inet',
  table: EGRESS_TABLE,
  name: refusedSet(family),
  key: [`ipv${family}_addr`, 'inet_proto', 'inet_service'],
  passing: { timeout: REFUSED_MS, most: REFUSED_MOST },
}))

function prefixesOf(subnets: readonly string[]): Prefix[] {
  return subnets.flatMap(subnet => parsePrefix(subnet) ?? [])
}

/** Of what names are answered with there is nothing yet. */
function acceptedBy(target: EgressTarget, gateways: readonly string[]): Buffer[][] {
  const { host, address = '', length, name } = target
  if (name !== undefined) return []
  if (host === true) return gateways.map(each => [...toPrefix(single(each)), ...byProtocol(target)])
  const { family, base } = single(address)
  return [[...toPrefix(prefixOf({ family, value: base }, length ?? bitsOf(family))), ...byProtocol(target)]]
}

/**
 * Addresses of a subnet that everybody there answers by, the host, too: of IPv4 the first and the last (RFC 919), of IPv6 the first, which all
 * routers have (RFC 4291 §2.6.1).
 */
function sharedBy(subnet: string): Prefix[] {
  const prefix = parsePrefix(subnet)
  if (prefix === undefined) return []
  const { family, base, length } = prefix
  const bits = bitsOf(family)
  if (bits - length < 2) return []
  return (family === 4 ? [base, lastOf(prefix)] : [base]).map(value => prefixOf({ family, value }, bits))
}

/** Throws for what is no address: a rule without one would be about all. */
function single(text: string): Prefix {
  const address = parseAddress(text)
  if (address !== undefined) return prefixOf(address, bitsOf(address.family))
  throw failure({
    code: 'EGRESS_INVALID',
    kind: 'internal',
    summary: `Can't make a rule of ${JSON.stringify(text)}: it is no address`,
  })
}

function toPrefix({ family, base, length }: Prefix): Buffer[] {
  const bytes = addressBytes({ family, value: base })
  return [...inFamily(family), ...(length === 0 ? [] : headerBegins(ADDRESSES[family].daddr, bytes, length))]
}

function byProtocol({ protocol, ports }: Pick<EgressTarget, 'protocol' | 'ports'>): Buffer[] {
  if (protocol === undefined) return []
  const number = PROTOCOL[protocol]
  if (ports === undefined) return protocolIs(number)
  return toPorts({ protocol, number, first: ports.from, last: ports.to }).encode()
}

/**
 * Counts what is refused, by address, protocol and port; one rule alone meets each packet. TCP is answered by TCP: of IPv6 what ICMP says
 * while a process connects is heard at the next try only, a second later.
 */
function refusals(family: Family): Buffer[][] {
  const count = (port: boolean): Buffer[] =>
    countTarget(refusedSet(family), ADDRESSES[family].daddr, WORDS[family], port)
  return [
    ...(['tcp', 'udp'] as const).map(protocol => [
      ...inFamily(family),
      ...protocolIs(PROTOCOL[protocol]),
      ...count(true),
      ...(protocol === 'tcp' ? resetTcp() : reject()),
    ]),
    [...inFamily(family), ...count(false), ...reject()],
  ]
}
