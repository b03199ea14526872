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
      (listing): SetupOp => ({ op: 'netlinkDump', netns: 'container', ...listing }),
    ),
  ]
}

/** Reads the outputs of `lookOps`. */
export function namespaceContent(outputs: readonly Buffer[]): NamespaceContent {
  return { links: outputs.flatMap(parseLinks), addresses: outputs.flatMap(parseAddresses) }
}

/**
 * As `endpointOps`, for a namespace that was kept, by others who live in it or for its container alone: an interface that is as it should be
 * stays, with every connection over it; one of ours that is not, or is of a network that was left, goes.
 */
export function rejoinOps(
  content: NamespaceContent,
  endpoints: readonly Endpoint[],
  guarded: boolean,
): SetupOp[] {
  const stays = new Map(
    endpoints.flatMap(endpoint => {
      const link = wholeLink(content, endpoint)
      return link === undefined ? [] : [[endpoint, link.index] as const]
    }),
  )
  const whole = new Set(stays.values())
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
    ...[...stays].map(([{ interfaceName }, index]) =>
      containerNetlink(`bring ${interfaceName} up`, setLinkUp(index)),
    ),
    ...routesInstead(endpoints),
  ]
}

/** Its very pair, on its network, with its addresses and no others but those that the kernel makes; undefined where it is otherwise. */
function wholeLink({ links, addresses }: NamespaceContent, endpoint: Endpoint): Link | undefined {
  const link = links.find(({ name }) => name === endpoint.interfaceName)
  if (link?.peer !== linkIndex(endpoint) || link.macAddress !== endpoint.macAddress) return undefined
  if (driverOf(endpoint.network).observeEndpoint(SYSFS_LINKS, endpoint).length > 0) return undefined
  const have = addresses.filter(each => each.link === link.index).map(({ address }) => canonical(address))
  const want = endpoint.addresses.map(canonical)
  const isWhole =
    want.every(each => have.includes(each)) &&
    have.every(each => want.includes(each) || each.startsWith('fe80:'))
  return isWhole ? link : undefined
}

/** The end of a pair whose other end has an index that we chose: the kernel counts up to none of these. */
function isOurs({ kind, peer = 0 }: Link): boolean {
  return kind === 'veth' && peer >= linkIndex({ id: '0'.repeat(64) })
}

function canonical(text: string): string {
  const [address = '', length] = text.split('/')
  return `${canonicalAddress(address)}/${length}`
}
