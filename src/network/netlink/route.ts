import { type Address, addressBytes } from '../ip/address.ts'
import type { Family } from '../types.ts'
import { attribute } from './attribute.ts'
import { AF } from './family.ts'
import { NLM_F, RTM, request } from './message.ts'

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
