import { addressFromBytes } from '../ip/address.ts'
import { type Prefix, prefixOf } from '../ip/prefix.ts'

/** What a line of /proc/net tells of: a route of the host, or an address of it. */
export interface HostRoute {
  readonly prefix: Prefix
  /** The interface that it leads to; empty for one that leads nowhere. */
  readonly link: string
}

/**
 * Routes up to this length cover "everything": the default route, and the halves (0.0.0.0/1, 128.0.0.0/1) that VPN
 * clients set instead of replacing it. To avoid them would leave nothing, and nothing clashes with them: they are left out.
 */
const DEFAULT_LENGTH = 1

/** `/proc/net/route`: columns `Iface Destination Gateway Flags RefCnt Use Metric Mask …`, in hex of the machine's byte order. */
export function parseRoutes(text: string): HostRoute[] {
  return rows(text).flatMap(([link = '', destination = '', , , , , , mask = '']) => {
    if (!/^[0-9A-F]{8}$/i.test(destination) || !/^[0-9A-F]{8}$/i.test(mask)) return []
    const length = countOnes(Buffer.from(mask, 'hex'))
    return routeOf(Buffer.from(destination, 'hex').reverse(), length, link === '*' ? '' : link)
  })
}

/**
 * `/proc/net/ipv6_route` and `if_inet6`: 32 hex digits of the address first, the prefix length, two hex digits, in the column given, the
 * interface last.
 */
export function parseIpv6(text: string, lengthColumn: number): HostRoute[] {
  return rows(text).flatMap(columns => {
    const [digits = ''] = columns
    if (!/^[0-9a-f]{32}$/.test(digits)) return []
    const length = Number.parseInt(columns[lengthColumn] ?? '', 16)
    return routeOf(Buffer.from(digits, 'hex'), length, columns.at(-1) ?? '')
  })
}

function routeOf(bytes: Buffer, length: number, link: string): HostRoute[] {
  const address = addressFromBytes(bytes)
  return address && length > DEFAULT_LENGTH ? [{ prefix: prefixOf(address, length), link }] : []
}

function rows(text: string): string[][] {
  return text.split('\n').map(line => line.trim().split(/\s+/))
}

function countOnes(mask: Buffer): number {
  return [...mask].reduce((count, byte) => count + (byte.toString(2).match(/1/g)?.length ?? 0), 0)
}
