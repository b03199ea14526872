import { readIfThere } from '../../linux/atomic-file.ts'
import type { Native, SetupOp } from '../../native/index.ts'
import type { Family } from '../ip/address.ts'
import { formatPrefix } from '../ip/prefix.ts'
import { dumpRoutes, parseRoutePrefixes } from '../netlink/index.ts'
import { type HostRoute, parseIpv6, parseRoutes } from './proc-net.ts'

/** What the host uses itself: nothing of ours may overlap it. */
export interface HostAddresses {
  /** Canonical CIDRs of routes and addresses, default routes left out. */
  readonly prefixes: readonly string[]
}

/** Texts of these files of /proc/net; those of IPv6 are empty on a kernel without it. */
export interface HostAddressTexts {
  readonly route: string
  readonly fibTrie: string
  readonly ipv6Route: string
  readonly ifInet6: string
}

/** Texts of `/proc/net/route`, `fib_trie` (addresses), `ipv6_route` and `if_inet6` → prefixes. */
export function parseHostAddresses(texts: HostAddressTexts): HostAddresses {
  const prefixes = [
    ...parseRoutes(texts.route).map(textOf),
    ...parseFibTrie(texts.fibTrie),
    ...parseIpv6(texts.ipv6Route, 1).map(textOf),
    ...parseIpv6(texts.ifInet6, 2).map(textOf),
  ]
  return { prefixes: [...new Set(prefixes)] }
}

/**
 * Reads those files of this machine; a missing one (no IPv6) counts as empty. They show the main table alone: with
 * `native`, the kernel is asked for the routes of all tables too, as VPNs have theirs in tables of their own.
 */
export async function readHostAddresses(native?: Pick<Native, 'run'>): Promise<HostAddresses> {
  const [dumped, ...texts] = await Promise.all([
    native === undefined ? [] : dumpedPrefixes(native),
    ...['route', 'fib_trie', 'ipv6_route', 'if_inet6'].map(readProcNet),
  ])
  const [route = '', fibTrie = '', ipv6Route = '', ifInet6 = ''] = texts
  const { prefixes } = parseHostAddresses({ route, fibTrie, ipv6Route, ifInet6 })
  return { prefixes: [...new Set([...prefixes, ...dumped])] }
}

/**
 * Whether IPv4 routes stand in tables besides main, which only a dump tells prefixes of (`native` above): fib_trie heads
 * such a table with `Id <number>:`. ipv6_route has the routes of all tables anyway.
 */
export async function hasOtherRouteTables(): Promise<boolean> {
  return listsOtherTables(await readProcNet('fib_trie'))
}

/** The same of the text of `/proc/net/fib_trie`; without one nobody knows, so they may be there. */
export function listsOtherTables(fibTrie: string): boolean {
  return fibTrie === '' || /^Id \d+:$/m.test(fibTrie)
}

async function dumpedPrefixes(native: Pick<Native, 'run'>): Promise<string[]> {
  const dump = (family: Family): SetupOp => ({ op: 'netlinkDump', netns: 'host', bytes: dumpRoutes(family) })
  const { outputs } = await native.run({ setup: [dump(4), dump(6)] })
  return outputs.flatMap(parseRoutePrefixes).filter(text => !/\/[01]$/.test(text))
}

async function readProcNet(name: string): Promise<string> {
  return (await readIfThere(`/proc/net/${name}`)) ?? ''
}

function textOf({ prefix }: HostRoute): string {
  return formatPrefix(prefix)
}

/** An address is a line `|-- 10.0.0.5` with a line `/32 host LOCAL` below it. */
function parseFibTrie(text: string): string[] {
  const found = text.matchAll(
    /\|-- (\d+\.\d+\.\d+\.\d+)\n(?:\s+\/\d+ (?!host LOCAL).*\n)*\s+\/32 host LOCAL/g,
  )
  return [...found].map(match => `${match[1]}/32`)
}
