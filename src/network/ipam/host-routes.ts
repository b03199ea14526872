import { readFileSync } from 'node:fs'
import { errnoOf } from '../../diagnostics/index.ts'
import { addressFromBytes } from '../ip/address.ts'
import { formatPrefix, overlaps, type Prefix, parsePrefix, prefixOf } from '../ip/prefix.ts'

/** A route of the host's main table. */
export interface HostRoute {
  readonly prefix: Prefix
  /** The interface that it leads to; empty for one that leads nowhere. */
  readonly link: string
}

/** A subnet with a route of the host that leads elsewhere: who is meant by an address of both is not known. */
export interface RouteClash {
  readonly subnet: string
  readonly route: string
  readonly link: string
}

/** Default routes, and the halves that VPN clients set instead: what covers everything clashes with nothing. */
const DEFAULT_LENGTH = 1
/** Networks of other engines: they were there when a subnet was chosen, or asked for theirs although ours was there. */
const OTHER_ENGINES = /^(tsc-|br-[0-9a-f]{12}$|docker\d+$)/
const IPV6_COLUMNS = { destination: 0, length: 1, link: 9 } as const

/** Those of the subnets that a route of the host overlaps which does not lead to `own`. Two small reads. */
export function routeClashes(
  subnets: readonly string[],
  own: string | undefined,
  routes: readonly HostRoute[] = readHostRoutes(),
): RouteClash[] {
  return subnets.flatMap(subnet => {
    const prefix = parsePrefix(subnet)
    if (prefix === undefined) return []
    const clash = routes.find(
      ({ prefix: other, link }) =>
        link !== own &&
        !OTHER_ENGINES.test(link) &&
        other.family === prefix.family &&
        overlaps(other, prefix),
    )
    return clash === undefined ? [] : [{ subnet, route: formatPrefix(clash.prefix), link: clash.link }]
  })
}

function readHostRoutes(): HostRoute[] {
  return [...parseRoutes(readProcNet('route')), ...parseIpv6Routes(readProcNet('ipv6_route'))]
}

/** `/proc/net/route`: columns `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, in hex of the machine's byte order. */
export function parseRoutes(text: string): HostRoute[] {
  return rows(text).flatMap(([link = '', destination = '', , , , , , mask = '']) => {
    if (!/^[0-9A-F]{8}$/i.test(destination) || !/^[0-9A-F]{8}$/i.test(mask)) return []
    const length = [...Buffer.from(mask, 'hex')].reduce(
      (count, byte) => count + (byte.toString(2).match(/1/g)?.length ?? 0),
      0,
    )
    return routeOf(Buffer.from(destination, 'hex').reverse(), length, link === '*' ? '' : link)
  })
}

/** `/proc/net/ipv6_route`; loopback has the host's own addresses and what leads nowhere. */
export function parseIpv6Routes(text: string): HostRoute[] {
  return rows(text).flatMap(columns => {
    const [destination = '', length = '', link = ''] = [
      columns[IPV6_COLUMNS.destination],
      columns[IPV6_COLUMNS.length],
      columns[IPV6_COLUMNS.link],
    ]
    if (!/^[0-9a-f]{32}$/.test(destination) || link === 'lo') return []
    return routeOf(Buffer.from(destination, 'hex'), Number.parseInt(length, 16), link)
  })
}

function routeOf(bytes: Buffer, length: number, link: string): HostRoute[] {
  const address = addressFromBytes(bytes)
  return address && length > DEFAULT_LENGTH ? [{ prefix: prefixOf(address, length), link }] : []
}

function rows(text: string): string[][] {
  return text.split('\n').map(line => line.trim().split(/\s+/))
}

function readProcNet(name: string): string {
  try {
    return readFileSync(`/proc/net/${name}`, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}
