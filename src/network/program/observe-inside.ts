import type { NetlinkDumpOp, NetlinkOp, SetupOp } from '../../native/index.ts'
import { type Drift, type Endpoint, type Links, linkIndex } from '../drivers/driver.ts'
import { driverOf } from '../drivers/index.ts'
import { canonicalAddress } from '../ip/address.ts'
import { formatPrefix, parsePrefix } from '../ip/prefix.ts'
import {
  askGeneration,
  dumpAddresses,
  dumpAllRoutes,
  dumpAllRules,
  dumpChains,
  dumpLinks,
  dumpRoutingRules,
  type Link,
  type Listing,
  lostChain,
  parseAddresses,
  parseGeneration,
  parseLinks,
  parseRoutes,
  parseRoutingRules,
  parseSetRoutes,
  type Route,
  type RoutingRule,
  type SetRoute,
} from '../netlink/index.ts'
import { defaultGateway, FAMILIES, LOOPBACK, type NetnsFile } from './endpoints.ts'
import type { NamespaceContent } from './rejoin.ts'

/** What is in a container's network namespace, with its routes. */
export interface Inside extends NamespaceContent {
  readonly routes: readonly Route[]
  /** Those that a program has set, in all tables, and rules beside the kernel's. */
  readonly setRoutes: readonly SetRoute[]
  readonly rules: readonly RoutingRule[]
  /** Another one after each change of rules there. */
  readonly generation: number | undefined
}

/** Operations for `native.run` that list the rules in a container's network namespace, for `lostRules`: most of what there is to tell. */
export function tablesOps(netns: NetnsFile): SetupOp[] {
  const dumps = [dumpChains(), dumpAllRules()].map(bytes => filterDump(bytes))
  return [{ ...netns, op: 'openNetns' }, ...dumps]
}

const NEW_NAMESPACE: readonly SetupOp[] = [{ op: 'newNetns' }, filterDump(askGeneration())]

/** Operations that ask a new network namespace for the number of changes of its rules. */
export function generationOps(): readonly SetupOp[] {
  return NEW_NAMESPACE
}

/**
 * The chain of a table of ours that an operation has made, and that is not among what `tablesOps` have listed, or has other rules; undefined
 * where all is as it should be.
 */
export function lostRules(
  listed: readonly Buffer[],
  { bytes }: Pick<NetlinkOp, 'bytes'>,
): string | undefined {
  const [chains = NOTHING, rules = NOTHING] = listed
  return lostChain(Buffer.from(bytes), { chains, rules })
}

/** Operations for `native.run` that look at it; `readInside` reads their outputs. */
export function insideOps(netns: NetnsFile): SetupOp[] {
  return [
    { ...netns, op: 'openNetns' },
    ...DUMPS.map(listing => dump('container', listing)),
    filterDump(askGeneration()),
  ]
}

const DUMPS: readonly Listing[] = [
  dumpLinks(),
  dumpAddresses(),
  { bytes: dumpAllRoutes() },
  { bytes: dumpRoutingRules() },
]

/** The same of the host, but for its routes. */
export const HOST_OPS: readonly SetupOp[] = DUMPS.slice(0, 2).map(listing => dump('host', listing))

function dump(netns: 'host' | 'container', listing: Listing): NetlinkDumpOp {
  return { op: 'netlinkDump', netns, ...listing }
}

function filterDump(bytes: Buffer): NetlinkDumpOp {
  return { ...dump('container', { bytes }), protocol: 'netfilter' }
}

/** Reads the outputs of `insideOps`, or of `HOST_OPS`. */
export function readInside(outputs: readonly Buffer[]): Inside {
  const [links = NOTHING, addresses = NOTHING, routes = NOTHING, rules = NOTHING, generation = NOTHING] =
    outputs
  return {
    links: parseLinks(links),
    addresses: parseAddresses(addresses),
    routes: parseRoutes(routes),
    setRoutes: parseSetRoutes(routes),
    rules: parseRoutingRules(rules),
    generation: parseGeneration(generation),
  }
}

const NOTHING = Buffer.alloc(0)

export { parseGeneration }

/** A container's networks as they should be. */
export interface WantedInside {
  readonly endpoints: readonly Endpoint[]
  /** It may set up its network as it likes (NET_ADMIN): of what it finds there only the interfaces are ours to say. */
  readonly isOwnMaster: boolean
}

/**
 * What of a container's networks is otherwise than it was set up, on the host and inside, paths as `endpoint.<network>.link`. What follows
 * from something that is told is not told itself: an interface that is gone has lost its addresses, and routes go with interfaces.
 */
export function observeInside(host: Links, inside: Inside, wanted: WantedInside): Drift[] {
  const { endpoints, isOwnMaster } = wanted
  const found = endpoints.map(endpoint => observeOne(host, inside, endpoint, isOwnMaster))
  if (isOwnMaster) return found.flat()
  const isStanding = !found.flat().some(({ path }) => bears(path))
  return [
    ...observeLoopback(inside),
    ...found.flat(),
    ...(isStanding ? observeRoutes(inside, endpoints) : []),
  ]
}

/** Whether addresses and routes go with what drifts there. */
function bears(path: string): boolean {
  return /\.(link|interface|interface\.state|interface\.address)$/.test(path)
}

function observeLoopback({ links }: Inside): Drift[] {
  const isUp = links.some(({ index, up }) => index === LOOPBACK && up)
  return isUp ? [] : [{ path: 'loopback', want: 'up', got: 'down' }]
}

function observeOne(host: Links, inside: Inside, endpoint: Endpoint, isOwnMaster: boolean): Drift[] {
  const at = (drift: Drift): Drift => ({ ...drift, path: `endpoint.${endpoint.network.name}.${drift.path}` })
  const outside = driverOf(endpoint.network).observeEndpoint(host, endpoint).map(at)
  if (outside.some(({ path }) => bears(path))) return outside
  const link = interfaceOf(inside, endpoint)
  const { interfaceName: want } = endpoint
  if (link?.name !== want)
    return [...outside, at({ path: 'interface', want, got: link === undefined ? 'missing' : link.name })]
  return isOwnMaster ? outside : [...outside, ...observeInterface(inside, endpoint, link).map(at)]
}

/** Of a pair the end that hangs on ours, whatever it is called. */
export function interfaceOf({ links }: Inside, endpoint: Endpoint): Link | undefined {
  const peer = linkIndex(endpoint)
  return (
    links.find(link => link.kind === 'veth' && link.peer === peer) ??
    links.find(link => link.kind !== 'veth' && link.name === endpoint.interfaceName)
  )
}

function observeInterface(inside: Inside, endpoint: Endpoint, link: Link): Drift[] {
  const mtu = driverOf(endpoint.network).mtuOf(endpoint.network)
  const { macAddress: mac } = endpoint
  return [
    ...(link.up ? [] : [{ path: 'interface.state', want: 'up', got: 'down' }]),
    ...(mtu === undefined || link.mtu === mtu
      ? []
      : [{ path: 'interface.mtu', want: String(mtu), got: String(link.mtu) }]),
    // Of an ipvlan it is the parent's.
    ...(link.kind === 'ipvlan' || link.macAddress === mac
      ? []
      : [{ path: 'interface.mac', want: mac, got: link.macAddress ?? 'none' }]),
    // One that is down has lost those of IPv6.
    ...(link.up ? observeAddresses(inside, endpoint, link) : []),
  ]
}

function observeAddresses(inside: Inside, endpoint: Endpoint, { index }: Link): Drift[] {
  const { lost, strange } = compareAddresses(inside, endpoint, index)
  return [
    ...lost.map(want => ({ path: 'interface.address', want, got: 'missing' })),
    ...strange.map(got => ({ path: 'interface.address', want: 'none but its own', got })),
  ]
}

/** Addresses that an interface should have and has not, and those that it has besides: the kernel gives it link-local ones. */
export function compareAddresses(
  { addresses }: NamespaceContent,
  endpoint: Pick<Endpoint, 'addresses'>,
  index: number,
): { readonly lost: string[]; readonly strange: string[] } {
  const have = addresses.filter(each => each.link === index).map(({ address }) => canonical(address))
  const want = endpoint.addresses.map(canonical)
  return {
    lost: want.filter(each => !have.includes(each)),
    strange: have.filter(each => !want.includes(each) && !each.startsWith('fe80:')),
  }
}

function canonical(text: string): string {
  const [address = '', length] = text.split('/')
  return `${canonicalAddress(address)}/${length}`
}

function observeRoutes(inside: Inside, endpoints: readonly Endpoint[]): Drift[] {
  const lost = endpoints.flatMap(endpoint => {
    const link = interfaceOf(inside, endpoint)
    const subnets = link === undefined ? [] : lostSubnets(inside, endpoint, link.index)
    return subnets.map(want => ({ path: `route.${endpoint.network.name}`, want, got: 'missing' }))
  })
  const defaults = FAMILIES.flatMap(family => {
    const want = defaultGateway(endpoints, family)
    const got = inside.routes.filter(route => route.family === family && route.subnet === undefined)
    const isRight =
      want === undefined ? got.length === 0 : got.some(({ gateway }) => gateway === canonicalAddress(want))
    if (isRight) return []
    return [
      {
        path: `route.default${family === 6 ? '.IPv6' : ''}`,
        want: want ?? 'none',
        got: got[0]?.gateway ?? 'missing',
      },
    ]
  })
  return [...lost, ...defaults]
}

/** Subnets of an interface's addresses that no route leads to by it. */
export function lostSubnets({ routes }: Inside, { addresses }: Endpoint, index: number): string[] {
  const subnets = addresses.flatMap(text => {
    const prefix = parsePrefix(text)
    return prefix === undefined || isHostRoute(text) ? [] : [formatPrefix(prefix)]
  })
  return [...new Set(subnets)].filter(
    subnet => !routes.some(route => route.subnet === subnet && route.link === index),
  )
}

/** An address that is a subnet of its own has its route in the table of local ones alone. */
function isHostRoute(text: string): boolean {
  return /\/(32|128)$/.test(text)
}
