import { ERRNO } from '../../linux/errno.ts'
import type { SetupOp } from '../../native/index.ts'
import { type Endpoint, type Links, linkIndex } from '../drivers/driver.ts'
import { driverOf } from '../drivers/index.ts'
import { parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import {
  containerNetlink,
  type Link,
  removeAddress,
  setLinkMac,
  setLinkMtu,
  setLinkRoute,
  setLinkUp,
} from '../netlink/index.ts'
import { addressMessage, bringOnto, LOOPBACK, type NetnsFile, routesInstead } from './endpoints.ts'
import {
  compareAddresses,
  type Inside,
  interfaceOf,
  lostSubnets,
  type WantedInside,
} from './observe-inside.ts'

/**
 * Operations for `native.run` that put right what `observeInside` tells of a running container: what is as it should be is not touched, and
 * keeps its connections; an interface that is gone, or is called otherwise, is made anew under the same addresses.
 */
export function mendInsideOps(
  netns: NetnsFile,
  host: Links,
  inside: Inside,
  { endpoints, isOwnMaster }: WantedInside,
): SetupOp[] {
  const standing = new Map(
    endpoints.flatMap(endpoint => {
      const link = standingInterface(host, inside, endpoint)
      return link === undefined ? [] : [[endpoint, link] as const]
    }),
  )
  const lost = endpoints.filter(each => !standing.has(each))
  const isRemade = lost.length > 0 && !isOwnMaster
  return [
    { ...netns, op: 'openNetns' },
    ...(isOwnMaster ? [] : [containerNetlink('bring loopback up', setLinkUp(LOOPBACK))]),
    ...lost.flatMap(endpoint => driverOf(endpoint.network).detach(endpoint)),
    // The guard's rules hang on the interface that they are for.
    ...bringOnto(
      lost.map(each => [each, linkIndex(each)] as const),
      isRemade ? endpoints : [],
      isRemade,
    ),
    ...[...standing].flatMap(([endpoint, link]) => [
      ...driverOf(endpoint.network).reattach(endpoint),
      ...(isOwnMaster ? [] : mendInterface(inside, endpoint, link)),
    ]),
    ...(isOwnMaster && lost.length === 0 ? [] : routesInstead(endpoints)),
  ]
}

/** Undefined for one that has to be made anew. */
function standingInterface(host: Links, inside: Inside, endpoint: Endpoint): Link | undefined {
  const isGone = driverOf(endpoint.network)
    .observeEndpoint(host, endpoint)
    .some(({ path }) => path === 'link')
  const link = isGone ? undefined : interfaceOf(inside, endpoint)
  return link?.name === endpoint.interfaceName ? link : undefined
}

function mendInterface(inside: Inside, endpoint: Endpoint, link: Link): SetupOp[] {
  const { index } = link
  const { interfaceName, macAddress, network } = endpoint
  const mtu = driverOf(network).mtuOf(network)
  const { lost, strange } = compareAddresses(inside, endpoint, index)
  // One that is down loses those of IPv6 and its routes, and is told of as that alone.
  const given = link.up ? lost : endpoint.addresses
  const messages = [
    ...(mtu === undefined ? [] : [setLinkMtu(index, mtu)]),
    ...(link.kind === 'ipvlan' || link.macAddress === macAddress ? [] : [setLinkMac(index, macAddress)]),
    ...strange.map(text => removalOf(index, text)),
    ...given.map(text => addressMessage(index, text)),
    setLinkUp(index),
    ...lostSubnets(inside, endpoint, index).map(subnet => routeTo(index, subnet, endpoint)),
  ]
  return [containerNetlink(`set ${interfaceName} right`, Buffer.concat(messages), [ERRNO.EEXIST])]
}

function removalOf(index: number, text: string): Buffer {
  const [address = '', length] = text.split('/')
  const parsed = parseAddress(address)
  return parsed === undefined ? Buffer.alloc(0) : removeAddress(index, parsed, Number(length))
}

/** IPv4 says which of the addresses it is sent from. */
function routeTo(index: number, subnet: string, { addresses }: Endpoint): Buffer {
  const prefix = parsePrefix(subnet)
  if (prefix === undefined) return Buffer.alloc(0)
  const own = addresses.flatMap(text => parseAddress(text.split('/')[0] ?? '') ?? [])
  const source = own.find(({ family }) => family === 4)
  return setLinkRoute(index, prefix, prefix.family === 4 ? source : undefined)
}
