import { randomBytes } from 'node:crypto'
import { failure } from '../diagnostics/index.ts'
import { ERRNO } from '../linux/errno.ts'
import { CONTAINER_NETNS_FD, type NetlinkOp, type OpenNetnsOp, type SetupOp } from '../native/index.ts'
import { guardOp } from './anti-spoof.ts'
import {
  bridgeIndex,
  bridgeName,
  containerNetlink,
  DEFAULT_MTU,
  familyOfSubnet,
  hostNetlink,
  stableMac,
} from './bridge.ts'
import { parseAddress } from './ip/address.ts'
import { containsAddress, parsePrefix } from './ip/prefix.ts'
import {
  addAddress,
  createVethPair,
  deleteDefaultRoute,
  deleteLink,
  isolatePort,
  setDefaultRoute,
  setLinkUp,
  setNoLinkLocal,
} from './netlink/index.ts'
import type { Endpoint, Family } from './types.ts'

const LOOPBACK = 1

/** Name of the outside end: `tv` and the first 11 hex digits of the endpoint's id. */
export function vethName(endpointId: string): string {
  return `tv${endpointId.slice(0, 11)}`
}

/**
 * A locally administered unicast address, `02:…`: one that follows from network and address where they are given, so
 * that a container that takes over an address takes its neighbours' ARP entries over too; random otherwise.
 */
export function newMacAddress(place?: { readonly networkId: string; readonly address: string }): string {
  return stableMac(
    place ? `${place.networkId} ${place.address.replace(/\/.*/, '')}` : randomBytes(16).toString('hex'),
  )
}

/**
 * Operations (stage `setup`) that bring a new network namespace, fd 100 of the monitor, onto all of its networks:
 * loopback up, one veth pair an endpoint, addresses, the default route. An outside end that an earlier run of the same
 * endpoint left behind is removed first. An empty list gives loopback alone (`network_mode: none`). `guarded`: the
 * container is held to its own addresses (`anti-spoof.ts`).
 */
export function endpointOps(endpoints: readonly Endpoint[], guarded = false): SetupOp[] {
  const indexed = endpoints.map((endpoint, position) => [endpoint, LOOPBACK + 1 + position] as const)
  return [
    containerNetlink('bring loopback up', setLinkUp(LOOPBACK)),
    ...indexed.flatMap(each => createPair(...each)),
    ...(guarded && endpoints.length > 0 ? [guardOp(endpoints)] : []),
    ...indexed.flatMap(each => configure(...each)),
    ...defaultRoutes(endpoints),
  ]
}

/** The file of a network namespace, with the process that holds it. */
type NetnsFile = Omit<OpenNetnsOp, 'op'>

/**
 * Operations for `native.run` that add `endpoint` to a running container, whose namespace is `netns`
 * (`/proc/<monitor pid>/fd/100`); `all` are its endpoints afterwards, this one included: they decide the default route.
 */
export function connectOps(
  netns: NetnsFile,
  endpoint: Endpoint,
  all: readonly Endpoint[],
  guarded = false,
): SetupOp[] {
  return [
    { ...netns, op: 'openNetns' },
    ...createPair(endpoint, ownIndex(endpoint)),
    ...(guarded ? [guardOp(all, true)] : []),
    ...configure(endpoint, ownIndex(endpoint)),
    ...defaultRoutes(all),
  ]
}

/** The opposite: removes the endpoint's pair, and gives the default route to the best of those that `remain`. */
export function disconnectOps(
  netns: NetnsFile,
  endpoint: Endpoint,
  remain: readonly Endpoint[],
  guarded = false,
): SetupOp[] {
  const name = vethName(endpoint.id)
  const lost = FAMILIES.filter(family => gatewayOf(remain, family) === undefined)
  return [
    { ...netns, op: 'openNetns' },
    hostNetlink(`remove ${name}`, deleteLink(name), [ERRNO.ENODEV]),
    ...(guarded ? [guardOp(remain, true)] : []),
    ...defaultRoutes(remain),
    ...lost.map(family =>
      containerNetlink(`remove the default route of IPv${family}`, deleteDefaultRoute(family), [
        ERRNO.ESRCH,
        ERRNO.ENOENT, // a namespace that never had an IPv6 route has no table for them
      ]),
    ),
  ]
}

const FAMILIES: readonly Family[] = [4, 6]

/** Index of an endpoint's outside end, and inside a running container: above all that the kernel or we count up to. */
function ownIndex(endpoint: Endpoint): number {
  return 0x2000_0000 + Number.parseInt(endpoint.id.slice(0, 7), 16)
}

/** The pair, one end in the container with this index, down. */
function createPair(endpoint: Endpoint, index: number): NetlinkOp[] {
  const { network, interfaceName, macAddress } = endpoint
  const name = vethName(endpoint.id)
  const mtu = network.mtu ?? DEFAULT_MTU
  const pair = createVethPair(
    { name, index: ownIndex(endpoint), mtu, master: bridgeIndex(network) },
    { name: interfaceName, index, mtu, macAddress, netnsFd: CONTAINER_NETNS_FD },
  )
  return [
    hostNetlink(`remove a ${name} of before`, deleteLink(name), [ERRNO.ENODEV]),
    hostNetlink(`connect ${interfaceName} to bridge ${bridgeName(network)}`, pair),
    ...(network.icc === false ? [hostNetlink(`isolate ${name}`, isolatePort(name))] : []),
  ]
}

/** Gives the container's end its addresses, and brings it up. */
function configure({ network, interfaceName, addresses }: Endpoint, index: number): NetlinkOp[] {
  const inside = Buffer.concat([...addresses.map(text => address(index, text)), setLinkUp(index)])
  const ipv6 = network.subnets.some(subnet => familyOfSubnet(subnet) === 6)
  return [
    // The sysctl disable_ipv6 can only be written inside (`endpointSysctls`); this comes before the link is up.
    ...(ipv6 ? [] : [containerNetlink(`keep IPv6 off ${interfaceName}`, setNoLinkLocal(index), NO_IPV6)]),
    containerNetlink(`give ${interfaceName} ${addresses.join(', ')}`, inside),
  ]
}

/** A kernel without IPv6, or one where it is switched off for the namespace. */
const NO_IPV6 = [ERRNO.EAFNOSUPPORT]

function address(index: number, text: string): Buffer {
  const prefix = parsePrefix(text)
  const parsed = parseAddress(text.split('/')[0] ?? '')
  if (!prefix || !parsed)
    throw failure({
      code: 'ADDRESS_INVALID',
      kind: 'internal',
      summary: `Can't use "${text}" as an address with prefix length`,
    })
  return addAddress(index, parsed, prefix.length)
}

function defaultRoutes(endpoints: readonly Endpoint[]): NetlinkOp[] {
  return FAMILIES.flatMap(family => {
    const gateway = gatewayOf(endpoints, family)
    const parsed = gateway === undefined ? undefined : parseAddress(gateway)
    return parsed ? [containerNetlink(`set the default route via ${gateway}`, setDefaultRoute(parsed))] : []
  })
}

/** The gateway of the family's default route: highest `gwPriority`, then the first; internal networks have none. */
function gatewayOf(endpoints: readonly Endpoint[], family: Family): string | undefined {
  const ordered = [...endpoints].sort((a, b) => (b.gwPriority ?? 0) - (a.gwPriority ?? 0))
  for (const endpoint of ordered) {
    if (endpoint.network.internal) continue
    const gateway = endpoint.network.subnets.find(
      subnet =>
        familyOfSubnet(subnet) === family && endpoint.addresses.some(text => lies(text, subnet.subnet)),
    )?.gateway
    if (gateway !== undefined) return gateway
  }
  return undefined
}

function lies(addressText: string, subnet: string): boolean {
  const prefix = parsePrefix(subnet)
  const parsed = parseAddress(addressText.split('/')[0] ?? '')
  return prefix !== undefined && parsed !== undefined && containsAddress(prefix, parsed)
}
