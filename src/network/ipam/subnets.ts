import { createHash } from 'node:crypto'
import { type Facts, type Failure, failure } from '../../diagnostics/index.ts'
import { type Family, formatAddress, parseAddress } from '../ip/address.ts'
import {
  containsAddress,
  containsPrefix,
  formatPrefix,
  lastOf,
  overlaps,
  type Prefix,
  parsePrefix,
  sizeOf,
} from '../ip/prefix.ts'
import type { HostAddresses } from './host-addresses.ts'
import { candidates } from './pools.ts'

/** One subnet of a network, all of it decided: what `ipam.config` asked for, completed by `planSubnets`. */
export interface Subnet {
  /** Canonical CIDR, `172.18.0.0/24` or `fd5c:…::/64`. */
  readonly subnet: string
  /** The bridge's own address in it, without a prefix length. */
  readonly gateway: string
  /** Only this part of the subnet is handed out when nobody asks for an address; CIDR. */
  readonly ipRange?: string
  /** Addresses that belong to others (name → address) and are never handed out. */
  readonly auxAddresses?: Readonly<Record<string, string>>
}

/** Family of a subnet's CIDR. */
export function familyOfSubnet(subnet: Pick<Subnet, 'subnet'>): Family {
  return subnet.subnet.includes(':') ? 6 : 4
}

/** One entry of `ipam.config`. */
export interface SubnetConfig {
  readonly subnet?: string
  readonly gateway?: string
  readonly ipRange?: string
  readonly auxAddresses?: Readonly<Record<string, string>>
}

/** What the user asked for: the Engine API's `IPAM.Config`, `EnableIPv4` and `EnableIPv6`. */
export interface SubnetRequest {
  readonly config: readonly SubnetConfig[]
  readonly enableIPv4: boolean
  /** Without it, IPv6 entries of `config` are left out, as Docker does. */
  readonly enableIPv6: boolean
  /** The predefined network `bridge`: it takes 172.17.0.0/24 if it can, and no other network does before the rest. */
  readonly predefined?: boolean
  /** Chosen where they are free: what was planned before. */
  readonly preferred?: readonly Subnet[]
}

/** A subnet of another network, with the name of that. */
export interface TakenSubnet extends Subnet {
  readonly network: string
}

/** The subnets of networks, as `TakenAddresses` has them. */
export function subnetsOf(
  networks: readonly { readonly name: string; readonly subnets: readonly Subnet[] }[],
): TakenSubnet[] {
  return networks.flatMap(({ name, subnets }) => subnets.map(subnet => ({ ...subnet, network: name })))
}

/** What is taken already. */
export interface TakenAddresses {
  readonly host: HostAddresses
  /** Subnets of the other networks, running or not. */
  readonly others: readonly TakenSubnet[]
  /** Subnets of which nobody has need yet: none of them is chosen, but who asks for one gets it. */
  readonly reserved?: readonly Subnet[]
  /** Decides the ULA prefix: the engine's root folder and the machine's id, for instance. */
  readonly seed: string
}

/**
 * Decides the subnets of a new network. What the user gave is checked (IPAM_INVALID, IPAM_OVERLAP) and completed; the
 * rest is chosen so that it overlaps neither `host` nor any of `others`: /24 out of Docker's pools 172.17.0.0/16 …
 * 172.31.0.0/16, then 192.168.0.0/16, and then the last resorts of `pools.ts`; /64 out of a ULA prefix for IPv6.
 * Failure IPAM_POOLS_EXHAUSTED.
 */
export function planSubnets(request: SubnetRequest, taken: TakenAddresses): Subnet[] {
  const others = prefixesOf(taken.others)
  const given = request.config.flatMap(config => completeGiven(config, request))
  checkOverlaps(given, taken.others)
  const families = familiesOf(request)
  if (families.length === 0) throw invalid('Network has neither IPv4 nor IPv6 enabled')
  const missing = families.filter(family => !given.some(({ prefix }) => prefix.family === family))
  return [
    ...given.map(({ subnet }) => subnet),
    ...missing.map(family =>
      choose(family, request, taken, [
        ...others,
        ...prefixesOf(taken.reserved ?? []),
        ...given.map(({ prefix }) => prefix),
      ]),
    ),
  ]
}

/** The families that a network has. */
export function familiesOf({
  enableIPv4,
  enableIPv6,
}: Pick<SubnetRequest, 'enableIPv4' | 'enableIPv6'>): Family[] {
  return [...(enableIPv4 ? ([4] as const) : []), ...(enableIPv6 ? ([6] as const) : [])]
}

function prefixesOf(subnets: readonly Subnet[]): Prefix[] {
  return subnets.flatMap(({ subnet }) => parsePrefix(subnet) ?? [])
}

interface Given {
  readonly prefix: Prefix
  readonly subnet: Subnet
}

function completeGiven(config: SubnetConfig, request: SubnetRequest): Given[] {
  if (config.subnet === undefined || config.subnet === '') {
    if (!config.gateway && !config.ipRange) return []
    throw invalid(`Gateway or range "${config.gateway ?? config.ipRange}" without a subnet`)
  }
  const prefix = parsePrefix(config.subnet)
  if (!prefix)
    throw invalid(`Can't read subnet "${config.subnet}"`, 'Write it as address/length, 172.28.0.0/24', {
      ...{ rule: 'form', what: 'subnet', text: config.subnet },
    })
  checkHostBits('subnet', config.subnet, prefix)
  checkUsable(config.subnet, prefix)
  if (prefix.family === 6 && !request.enableIPv6) return []
  if (prefix.family === 4 && !request.enableIPv4)
    throw invalid(`Subnet "${config.subnet}" on a network with IPv4 disabled`)
  if (sizeOf(prefix) < 4n) throw invalid(`Subnet "${config.subnet}" is too small: want 4 addresses or more`)
  const aux = Object.entries(config.auxAddresses ?? {}).map(
    ([name, ip]) => [name, checkedInside(prefix, 'auxiliary address', ip)] as const,
  )
  return [
    {
      prefix,
      subnet: {
        subnet: formatPrefix(prefix),
        gateway: config.gateway ? checkedInside(prefix, 'gateway', config.gateway) : firstFree(prefix, aux),
        ...(config.ipRange ? { ipRange: checkedRange(prefix, config.ipRange) } : {}),
        ...(aux.length > 0 ? { auxAddresses: Object.fromEntries(aux) } : {}),
      },
    },
  ]
}

/** The first address, as Docker, unless an auxiliary address has it. */
function firstFree(prefix: Prefix, aux: readonly (readonly [string, string])[]): string {
  const taken = new Set(aux.map(([, ip]) => ip))
  for (let value = prefix.base + 1n; value < lastOf(prefix); value++) {
    const text = formatAddress({ family: prefix.family, value })
    if (!taken.has(text)) return text
  }
  throw invalid(`Subnet "${formatPrefix(prefix)}" has no address left for its gateway`)
}

function checkedInside(prefix: Prefix, what: string, text: string): string {
  const address = parseAddress(text.replace(/\/\d+$/, ''))
  if (!address || !containsAddress(prefix, address))
    throw invalid(`Address "${text}" of ${what} is not in subnet "${formatPrefix(prefix)}"`, undefined, {
      ...{ rule: 'outside', what, text, subnet: formatPrefix(prefix) },
    })
  const last = prefix.family === 4 && address.value === lastOf(prefix)
  if (address.value === prefix.base || last)
    throw invalid(`Address "${text}" of ${what} is the network's own or its broadcast address`)
  return formatAddress(address)
}

function checkedRange(prefix: Prefix, text: string): string {
  const range = parsePrefix(text)
  if (!range || !containsPrefix(prefix, range))
    throw invalid(`Range "${text}" is not in subnet "${formatPrefix(prefix)}"`)
  checkHostBits('ip-range', text, range)
  return formatPrefix(range)
}

/** Whoever writes an address where a network is meant may have another network in mind. */
function checkHostBits(what: string, text: string, prefix: Prefix): void {
  const address = parseAddress(text.replace(/\/\d+$/, ''))
  if (address === undefined || address.value === prefix.base) return
  const want = formatPrefix(prefix)
  throw invalid(`invalid ${what} ${text}: it should be ${want}`, undefined, {
    ...{ rule: 'host bits', what, text, want },
  })
}

/** Blocks of which no interface can have an address that others reach (RFC 6890): this host, loopback, groups. */
const UNUSABLE: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', 'this host'],
  ['127.0.0.0/8', 'loopback addresses'],
  ['224.0.0.0/3', 'groups and what is reserved'],
  ['::/127', 'this host and loopback'],
  ['ff00::/8', 'groups'],
]

function checkUsable(text: string, prefix: Prefix): void {
  const [block, what] = UNUSABLE.find(([cidr]) => isWithin(prefix, cidr)) ?? []
  if (block === undefined) return
  throw invalid(
    `Subnet "${text}" cannot be a network's: ${block} is for ${what}`,
    'Choose one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, or leave it out and let the engine choose',
  )
}

function isWithin(prefix: Prefix, cidr: string): boolean {
  const block = parsePrefix(cidr)
  return block !== undefined && overlaps(prefix, block)
}

function checkOverlaps(given: readonly Given[], others: readonly TakenSubnet[]): void {
  for (const [index, { prefix }] of given.entries()) {
    const other = others.find(({ subnet }) => isWithin(prefix, subnet))
    const own = given.slice(0, index).find(each => overlaps(prefix, each.prefix))
    const same = other?.subnet ?? own?.subnet.subnet
    if (same === undefined) continue
    const whose = other === undefined ? 'it has, too' : `network "${other.network}" has`
    throw failure({
      code: 'IPAM_OVERLAP',
      kind: 'invalidArgument',
      summary: `Subnet "${formatPrefix(prefix)}" overlaps "${same}", which ${whose}`,
      facts: {},
      hint: 'Choose another subnet, or leave it out and let the engine choose',
    })
  }
}

function choose(
  family: Family,
  request: SubnetRequest,
  taken: TakenAddresses,
  others: readonly Prefix[],
): Subnet {
  const host = taken.host.prefixes.flatMap(text => parsePrefix(text) ?? [])
  const busy = [...host, ...others].filter(prefix => prefix.family === family)
  const isFree = (prefix: Prefix): boolean => !busy.some(other => overlaps(other, prefix))
  const kept = request.preferred?.find(
    each => familyOfSubnet(each) === family && prefixesOf([each]).every(isFree),
  )
  if (kept !== undefined) return kept
  const seed = createHash('sha256').update(taken.seed).digest()
  for (const prefix of candidates(family, { seed, predefined: request.predefined ?? false }))
    if (isFree(prefix)) return { subnet: formatPrefix(prefix), gateway: firstFree(prefix, []) }
  throw failure({
    code: 'IPAM_POOLS_EXHAUSTED',
    kind: 'unavailable',
    summary: `No IPv${family} subnet is left that overlaps no route of the host and no other network`,
    hint: 'Remove networks that are not needed, or set ipam.config.subnet',
  })
}

function invalid(summary: string, hint?: string, facts?: Facts): Failure {
  return failure({
    ...{ code: 'IPAM_INVALID', kind: 'invalidArgument', summary },
    ...(hint ? { hint } : {}),
    ...(facts ? { facts } : {}),
  })
}
