import {
  type Address,
  addressBytes,
  addressFromBytes,
  bitsOf,
  type Family,
  formatAddress,
} from '../ip/address.ts'
import { formatPrefix, type Prefix, prefixOf } from '../ip/prefix.ts'
import { attribute, eachAttribute, parseAttributes, u32At, u32Attribute } from './attribute.ts'
import { AF, familyOf } from './family.ts'
import { dumpRequest, eachMessage, NLM_F, parseMessages, RTM, request } from './message.ts'

const RTA_DST = 1
const RTA_OIF = 4
const RTA_GATEWAY = 5
const RTA_PRIORITY = 6
const RTA_PREFSRC = 7
/** IP6_RT_PRIO_ADDRCONF: of the routes that come with addresses. */
const OF_ADDRESSES = 256
const RT_TABLE_MAIN = 254
const RTPROT_KERNEL = 2
const RTPROT_BOOT = 3
const RT_SCOPE_LINK = 253
const RTN_UNICAST = 1

/** Sets the default route of the gateway's family, replacing the one of before. The kernel finds the link by itself. */
export function setDefaultRoute(gateway: Address): Buffer {
  return request(
    RTM.NEWROUTE,
    NLM_F.CREATE | NLM_F.REPLACE,
    routeHeader(gateway.family, RTPROT_BOOT, RTN_UNICAST),
    attribute(RTA_GATEWAY, addressBytes(gateway)),
  )
}

/**
 * Sets the route to a subnet that a link is in, as the kernel does when the link gets its address there; `source` is that address, of IPv4. EEXIST when there is one.
 */
export function setLinkRoute(link: number, subnet: Prefix, source?: Address): Buffer {
  const { family, base, length } = subnet
  const scope = family === 4 ? RT_SCOPE_LINK : 0
  return request(
    RTM.NEWROUTE,
    NLM_F.CREATE | NLM_F.EXCL,
    Buffer.from([AF[family], length, 0, 0, RT_TABLE_MAIN, RTPROT_KERNEL, scope, RTN_UNICAST, 0, 0, 0, 0]),
    attribute(RTA_DST, addressBytes({ family, value: base })),
    u32Attribute(RTA_OIF, link),
    ...(family === 6 ? [u32Attribute(RTA_PRIORITY, OF_ADDRESSES)] : []),
    ...(source === undefined ? [] : [attribute(RTA_PREFSRC, addressBytes(source))]),
  )
}

/** Removes the family's default route; ESRCH when there is none. */
export function deleteDefaultRoute(family: Family): Buffer {
  return request(RTM.DELROUTE, 0, routeHeader(family, 0, 0))
}

/** struct rtmsg with an empty destination in the main table, scope universe. */
function routeHeader(family: Family, protocol: number, type: number): Buffer {
  return Buffer.from([AF[family], 0, 0, 0, RT_TABLE_MAIN, protocol, 0, type, 0, 0, 0, 0])
}

/** Asks for all routes of a family, in all tables. */
export function dumpRoutes(family: Family): Buffer {
  return dumpRequest(RTM.GETROUTE, Buffer.from([AF[family], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]))
}

/** Asks for the routes of all families, in all tables. */
export function dumpAllRoutes(): Buffer {
  return dumpRequest(RTM.GETROUTE, Buffer.alloc(12))
}

/** Destinations of a dump's answer as canonical CIDRs, default routes left out; the host's own addresses are among them. */
export function parseRoutePrefixes(bytes: Buffer): string[] {
  return parseMessages(bytes).flatMap(({ type, body }) => {
    if (type !== RTM.NEWROUTE || body.length < 12) return []
    const destination = addressFromBytes(parseAttributes(body.subarray(12)).get(RTA_DST) ?? Buffer.alloc(0))
    const [length, family] = [body.readUInt8(1), familyOf(body.readUInt8(0))]
    if (!destination || destination.family !== family || length === 0 || length > bitsOf(family)) return []
    return [formatPrefix(prefixOf(destination, length))]
  })
}

/** A route of the main table that leads somewhere, as the kernel tells of it. */
export interface Route {
  readonly family: Family
  /** Canonical CIDR; undefined for the default route. */
  readonly subnet?: string
  readonly gateway?: string
  /** Index of the link by which it leads. */
  readonly link?: number
}

/** Such routes of a dump's answer. */
export function parseRoutes(bytes: Buffer): Route[] {
  const routes: Route[] = []
  eachMessage(bytes, (type, from, to) => {
    if (type !== RTM.NEWROUTE || to - from < HEAD) return
    const family = familyOf(bytes[from] ?? 0)
    if (family === undefined || bytes[from + 4] !== RT_TABLE_MAIN || bytes[from + 7] !== RTN_UNICAST) return
    routes.push({ family, ...wayAt(bytes, from, to) })
  })
  return routes
}

/** Bytes of struct rtmsg. */
const HEAD = 12

function wayAt(bytes: Buffer, from: number, to: number): Omit<Route, 'family'> {
  const length = bytes[from + 1] ?? 0
  let destination: Address | undefined
  let gateway: Address | undefined
  let link: number | undefined
  eachAttribute(bytes, from + HEAD, to, (type, at, end) => {
    if (type === RTA_DST) destination = addressFromBytes(bytes.subarray(at, end))
    if (type === RTA_GATEWAY) gateway = addressFromBytes(bytes.subarray(at, end))
    if (type === RTA_OIF) link = u32At(bytes, at)
  })
  return {
    ...(length === 0 || !destination ? {} : { subnet: formatPrefix(prefixOf(destination, length)) }),
    ...(gateway ? { gateway: formatAddress(gateway) } : {}),
    ...(link === undefined ? {} : { link }),
  }
}
