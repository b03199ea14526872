import { release } from 'node:os'
import { failure } from '../../diagnostics/index.ts'
import { ERRNO } from '../../linux/errno.ts'
import { readIfThereSync } from '../../linux/read-if-there.ts'
import type { NetlinkOp, OpenNetnsOp, SetupOp } from '../../native/index.ts'
import { type Endpoint, linkIndex } from '../drivers/driver.ts'
import { driverOf } from '../drivers/index.ts'
import { SYSFS_LINKS } from '../drivers/links.ts'
import { guardOp } from '../firewall/anti-spoof.ts'
import { type Family, parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { familyOfSubnet } from '../ipam/index.ts'
import {
  addAddress,
  containerNetlink,
  deleteDefaultRoute,
  deleteLink,
  setDefaultRoute,
  setLinkUp,
  setNoLinkLocal,
} from '../netlink/index.ts'

/** The index of loopback, the first link of every namespace. */
export const LOOPBACK = 1

/**
 * Operations (stage `setup`) that bring a new network namespace, fd 100 of the monitor, onto all of its networks:
 * loopback up, one veth pair an endpoint, addresses, the default route. An outside end that an earlier run of the same
 * endpoint left behind is removed first. An empty list gives loopback alone (`network_mode: none`). `guarded`: the
 * container is held to its own addresses (`anti-spoof.ts`).
 */
export function endpointOps(endpoints: readonly Endpoint[], guarded = false): SetupOp[] {
  const indexed = endpoints.map((endpoint, position) => [endpoint, indexIn(endpoint, position)] as const)
  return [
    containerNetlink('bring loopback up', setLinkUp(LOOPBACK)),
    ...bringOnto(indexed, guarded ? endpoints : [], false),
    ...defaultRoutes(endpoints),
  ]
}

/** Interfaces under these indexes, held to the addresses of all that are guarded before they are up; `instead` of rules of before. */
export function bringOnto(
  indexed: readonly (readonly [Endpoint, number])[],
  guarded: readonly Endpoint[],
  instead: boolean,
): SetupOp[] {
  return [
    ...indexed.flatMap(each => bornWithoutIPv6(each[0], attach(...each))),
    ...(guarded.length > 0 || instead ? [guardOp(guarded, instead)] : []),
    ...indexed.flatMap(each => configure(...each)),
  ]
}

/**
 * Operations for `native.run` that try whether an endpoint's addresses are free in the kernel: in a namespace of their own, which
 * leaves nothing that would have to go first.
 */
export function roomOps(endpoint: Endpoint): SetupOp[] {
  const { interfaceName } = endpoint
  return [
    { op: 'newNetns' },
    ...attach(endpoint, indexIn(endpoint, 0)),
    ...configure(endpoint, indexIn(endpoint, 0)),
    containerNetlink(`remove ${interfaceName}`, deleteLink(interfaceName)),
  ]
}

/** The file of a network namespace, with the process that holds it. */
export type NetnsFile = Omit<OpenNetnsOp, 'op'>

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
    ...attach(endpoint, linkIndex(endpoint)),
    ...(guarded ? [guardOp(all, true)] : []),
    ...configure(endpoint, linkIndex(endpoint)),
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
  return [
    { ...netns, op: 'openNetns' },
    ...driverOf(endpoint.network).detach(endpoint),
    ...(guarded ? [guardOp(remain, true)] : []),
    ...routesInstead(remain),
  ]
}

/** The default routes of these endpoints instead of those that there are. */
export function routesInstead(endpoints: readonly Endpoint[]): NetlinkOp[] {
  const lost = FAMILIES.filter(family => defaultGateway(endpoints, family) === undefined)
  return [
    ...defaultRoutes(endpoints),
    ...lost.map(family =>
      containerNetlink(`remove the default route of IPv${family}`, deleteDefaultRoute(family), [
        ERRNO.ESRCH,
        ERRNO.ENOENT, // a namespace that never had an IPv6 route has no table for them
      ]),
    ),
  ]
}

/**
 * A link whose network has no IPv6 has none from its beginning. To take it from a link that is there the kernel wants the lock of all links of the
 * machine, and does not wait for it but tries again, busily: of a hundred starts side by side that was a tenth. What a container makes itself has it as ever.
 */
export function bornWithoutIPv6(
  { network }: Endpoint,
  attached: readonly SetupOp[],
  machine: MachineIPv6 = thisMachine(),
): SetupOp[] {
  const has = machine.newLinksHaveIt && !machine.defaultWantsLock && !hasIPv6(network)
  return has ? [newLinksHaveIPv6(false), ...attached, newLinksHaveIPv6(true)] : [...attached]
}

/** How a machine gives IPv6 to links: whether to new ones, and whether to say otherwise takes the lock of all links as well, as before Linux 6.9. */
interface MachineIPv6 {
  readonly newLinksHaveIt: boolean
  readonly defaultWantsLock: boolean
}

let known: MachineIPv6 | undefined

function thisMachine(): MachineIPv6 {
  const [major = 0, minor = 0] = release().split('.', 2).map(Number)
  known ??= {
    newLinksHaveIt: readIfThereSync('/proc/sys/net/ipv6/conf/default/disable_ipv6')?.trim() === '0',
    defaultWantsLock: major < 6 || (major === 6 && minor < 9),
  }
  return known
}

/** Where it cannot be written each link is told by the container itself (`endpointSysctls`). */
function newLinksHaveIPv6(has: boolean): SetupOp {
  const ignore = [ERRNO.ENOENT, ERRNO.EROFS, ERRNO.EACCES, ERRNO.EPERM]
  return { op: 'sysctl', key: 'net.ipv6.conf.default.disable_ipv6', value: has ? '0' : '1', ignore }
}

function hasIPv6({ subnets }: Endpoint['network']): boolean {
  return subnets.some(subnet => familyOfSubnet(subnet) === 6)
}

/** Its index in a new namespace: the next one, unless it hangs on a link of the host's, by which older kernels want one that the host has not. */
function indexIn(endpoint: Endpoint, position: number): number {
  return driverOf(endpoint.network).lingers ? linkIndex(endpoint) : LOOPBACK + 1 + position
}

/** Both families of addresses. */
export const FAMILIES: readonly Family[] = [4, 6]

/** The interface in the container's namespace, down. */
function attach(endpoint: Endpoint, index: number): SetupOp[] {
  return driverOf(endpoint.network).attach(endpoint, index, SYSFS_LINKS)
}

/** Gives the container's end its addresses, and brings it up. */
function configure({ network, interfaceName, addresses }: Endpoint, index: number): NetlinkOp[] {
  const inside = Buffer.concat([...addresses.map(text => addressMessage(index, text)), setLinkUp(index)])
  return [
    // The sysctl disable_ipv6 can only be written inside (`endpointSysctls`); this comes before the link is up.
    ...(hasIPv6(network)
      ? []
      : [containerNetlink(`keep IPv6 off ${interfaceName}`, setNoLinkLocal(index), NO_IPV6)]),
    containerNetlink(`give ${interfaceName} ${addresses.join(', ')}`, inside),
  ]
}

/** A kernel without IPv6, or one where it is switched off for the namespace. */
const NO_IPV6 = [ERRNO.EAFNOSUPPORT]

/** The message that gives a link an address, written with its prefix length. */
export function addressMessage(index: number, text: string): Buffer {
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
    const gateway = defaultGateway(endpoints, family)
    const parsed = gateway === undefined ? undefined : parseAddress(gateway)
    return parsed ? [containerNetlink(`set the default route via ${gateway}`, setDefaultRoute(parsed))] : []
  })
}

/** The gateway of the family's default route: highest `gwPriority`, then the first that has one. */
export function defaultGateway(endpoints: readonly Endpoint[], family: Family): string | undefined {
  const ordered = [...endpoints].sort((a, b) => (b.gwPriority ?? 0) - (a.gwPriority ?? 0))
  for (const endpoint of ordered) {
    const gateway = driverOf(endpoint.network).gatewayOf(endpoint, family)
    if (gateway !== undefined) return gateway
  }
  return undefined
}
