import { ERRNO } from '../../linux/errno.ts'
import type { SetupOp } from '../../native/index.ts'
import { type Endpoint, linkIndex } from '../drivers/driver.ts'
import { driverOf } from '../drivers/index.ts'
import { SYSFS_LINKS } from '../drivers/links.ts'
import { canonicalAddress } from '../ip/address.ts'
import {
  containerNetlink,
  deleteLink,
  dumpAddresses,
  dumpLinks,
  type Link,
  type LinkAddress,
  parseAddresses,
  parseLinks,
  setLinkUp,
} from '../netlink/index.ts'
import { bringOnto, LOOPBACK, type NetnsFile, routesInstead } from './endpoints.ts'

/** What is in a network namespace that a container comes back to. */
export interface NamespaceContent {
  readonly links: readonly Link[]
  readonly addresses: readonly LinkAddress[]
}

/** Operations for `native.run` that list what is in it; `namespaceContent` reads their outputs. */
export function lookOps(netns: NetnsFile): SetupOp[] {
  return [
    { ...netns, op: 'openNetns' },
    ...[dumpLinks(), dumpAddresses()].map(
      (bytes): SetupOp => ({ op: 'netlinkDump', netns: 'container', bytes }),
    ),
  ]
}

/** Reads the outputs of `lookOps`. */
export function namespaceContent(outputs: readonly Buffer[]): NamespaceContent {
  return { links: outputs.flatMap(parseLinks), addresses: outputs.flatMap(parseAddresses) }
}

/**
 * As `endpointOps`, for a namespace that others of its container's group have kept: an interface that is as it should be
 * stays, with every connection over it; one of ours that is not, or is of a network that was left, goes.
 */
export function rejoinOps(
  content: NamespaceContent,
  endpoints: readonly Endpoint[],
  guarded: boolean,
): SetupOp[] {
  const stays = new Set(endpoints.filter(endpoint => isWhole(content, endpoint)))
  const indexOf = (endpoint: Endpoint): number =>
    stays.has(endpoint) ? (linkNamed(content, endpoint)?.index ?? 0) : linkIndex(endpoint)
  const whole = new Set([...stays].map(indexOf))
  const wanted = endpoints.map(each => each.interfaceName)
  const gone = content.links.filter(
    link => !whole.has(link.index) && (isOurs(link) || wanted.includes(link.name)),
  )
  return [
    containerNetlink('bring loopback up', setLinkUp(LOOPBACK)),
    ...gone.map(link =>
      containerNetlink(`remove ${link.name} of before`, deleteLink(link.index), [ERRNO.ENODEV]),
    ),
    ...bringOnto(
      endpoints.filter(each => !stays.has(each)).map(each => [each, linkIndex(each)] as const),
      guarded ? endpoints : [],
      true,
    ),
    ...[...stays].map(each => containerNetlink(`bring ${each.interfaceName} up`, setLinkUp(indexOf(each)))),
    ...routesInstead(endpoints),
  ]
}

/** Its very pair, on its network, with its addresses and no others but those that the kernel makes. */
function isWhole(content: NamespaceContent, endpoint: Endpoint): boolean {
  const link = linkNamed(content, endpoint)
  if (link?.peer !== linkIndex(endpoint) || link.macAddress !== endpoint.macAddress) return false
  if (observed(endpoint) > 0) return false
  const have = content.addresses.filter(each => each.link === link.index).map(each => canonical(each.address))
  const want = endpoint.addresses.map(canonical)
  return (
    want.every(each => have.includes(each)) &&
    have.every(each => want.includes(each) || each.startsWith('fe80:'))
  )
}

function observed(endpoint: Endpoint): number {
  return driverOf(endpoint.network).observeEndpoint(SYSFS_LINKS, endpoint).length
}

function linkNamed({ links }: NamespaceContent, { interfaceName }: Endpoint): Link | undefined {
  return links.find(link => link.name === interfaceName)
}

/** The end of a pair whose other end has an index that we chose: the kernel counts up to none of these. */
function isOurs({ kind, peer = 0 }: Link): boolean {
  return kind === 'veth' && peer >= linkIndex({ id: '0'.repeat(64) })
}

function canonical(text: string): string {
  const [address = '', length] = text.split('/')
  return `${canonicalAddress(address)}/${length}`
}
