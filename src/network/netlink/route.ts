import { type Address, addressBytes, addressFromBytes, bitsOf, type Family } from '../ip/address.ts'
import { formatPrefix, prefixOf } from '../ip/prefix.ts'
import { attribute, parseAttributes } from './attribute.ts'
import { AF, familyOf } from './family.ts'
import { dumpRequest, NLM_F, parseMessages, RTM, request } from './message.ts'

const RTA_DST = 1
const RTA_GATEWAY = 5
const RT_TABLE_MAIN = 254
const RTPROT_BOOT = 3
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
