import { addressFromBytes, bitsOf, type Family, formatAddress } from '../ip/address.ts'
import { formatPrefix, type Prefix, prefixOf } from '../ip/prefix.ts'
import { eachAttribute, parseAttributes, u32At } from './attribute.ts'
import { familyOf } from './family.ts'
import { dumpRequest, eachMessage, RTM, request } from './message.ts'

const RTA_DST = 1
const RTA_GATEWAY = 5
const FRA_PRIORITY = 6
const RT_TABLE_LOCAL = 255
const RTPROT_KERNEL = 2
/** What becomes of packets (RTN_…): all other kinds are the kernel's own. */
const KINDS: Readonly<Record<number, 'unicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'throw'>> = {
  1: 'unicast',
  6: 'blackhole',
  7: 'unreachable',
  8: 'prohibit',
  9: 'throw',
}
/** Priorities of the rules that every namespace has: tables `local`, `main` and `default`. */
const OF_KERNEL = [0, 32_766, 32_767]

/** A route that a program has set, in whatever table. */
export interface SetRoute {
  readonly family: Family
  readonly kind: (typeof KINDS)[number]
  /** Of length 0: the default route. */
  readonly to: Prefix
  /** Canonical. */
  readonly gateway?: string
  /** Removes it. */
  readonly removal: Buffer
}

/** A rule that sends packets to another table, or away, before the kernel's own are asked. */
export interface RoutingRule {
  readonly family: Family
  readonly priority: number
  readonly removal: Buffer
}

/** The routes of a dump's answer that a program has set. */
export function parseSetRoutes(bytes: Buffer): SetRoute[] {
  const routes: SetRoute[] = []
  eachMessage(bytes, (type, from, to) => {
    if (type !== RTM.NEWROUTE || to - from < 12) return
    // Most of them are the kernel's own.
    if (bytes[from + 4] === RT_TABLE_LOCAL || bytes[from + 5] === RTPROT_KERNEL) return
    const route = setRoute(bytes.subarray(from, to))
    if (route !== undefined) routes.push(route)
  })
  return routes
}

function setRoute(body: Buffer): SetRoute | undefined {
  const [family, length, kind] = [familyOf(body.readUInt8(0)), body.readUInt8(1), KINDS[body.readUInt8(7)]]
  if (family === undefined || kind === undefined || length > bitsOf(family)) return undefined
  const attributes = parseAttributes(body.subarray(12))
  const destination = addressFromBytes(attributes.get(RTA_DST) ?? Buffer.alloc(bitsOf(family) / 8))
  const gateway = addressFromBytes(attributes.get(RTA_GATEWAY) ?? Buffer.alloc(0))
  if (destination?.family !== family) return undefined
  return {
    family,
    kind,
    to: prefixOf(destination, length),
    ...(gateway === undefined ? {} : { gateway: formatAddress(gateway) }),
    removal: request(RTM.DELROUTE, 0, body),
  }
}

/** `blackhole 10.0.0.0/8`, `10.1.0.0/16 via 10.0.0.9`, in the words of ip(8). */
export function routeText({ kind, to, gateway }: SetRoute): string {
  const destination = to.length === 0 ? 'default' : formatPrefix(to)
  return [...(kind === 'unicast' ? [] : [kind]), destination, ...(gateway ? ['via', gateway] : [])].join(' ')
}

/** Asks for the rules of all families. */
export function dumpRoutingRules(): Buffer {
  return dumpRequest(RTM.GETRULE, Buffer.alloc(12))
}

/** Those of a dump's answer that the kernel has not by itself. */
export function parseRoutingRules(bytes: Buffer): RoutingRule[] {
  const rules: RoutingRule[] = []
  eachMessage(bytes, (type, from, to) => {
    const family = to - from < 12 ? undefined : familyOf(bytes[from] ?? 0)
    if (type !== RTM.NEWRULE || family === undefined) return
    let priority = 0
    eachAttribute(bytes, from + 12, to, (attribute, at, end) => {
      if (attribute === FRA_PRIORITY && end - at === 4) priority = u32At(bytes, at)
    })
    if (!OF_KERNEL.includes(priority))
      rules.push({ family, priority, removal: request(RTM.DELRULE, 0, bytes.subarray(from, to)) })
  })
  return rules
}
