import { readIfThereSync } from '../../linux/read-if-there.ts'
import type { Native } from '../../native/index.ts'
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
 * What this machine uses of these families, by those files; a missing one (no IPv6) counts as empty. Of IPv4 they show the main table alone: where others
 * have routes, as VPNs do, the kernel is asked for those of all tables. The files are read at once: by another thread they come in pages, each of which takes longer to be told of
 * than to be read.
 */
export async function readHostAddresses(
  native: Pick<Native, 'run'>,
  families: readonly Family[],
): Promise<HostAddresses> {
  const read = (family: Family, name: string): string =>
    families.includes(family) ? (readIfThereSync(`/proc/net/${name}`) ?? '') : ''
  const fibTrie = read(4, 'fib_trie')
  const { prefixes } = parseHostAddresses({
    route: read(4, 'route'),
    fibTrie,
    ipv6Route: read(6, 'ipv6_route'),
    ifInet6: read(6, 'if_inet6'),
  })
  if (!families.includes(4) || !listsOtherTables(fibTrie)) return { prefixes }
  return { prefixes: [...new Set([...prefixes, ...(await routesOfAllTables(native, families))])] }
}

/**
 * Whether IPv4 routes stand in tables besides main, by the text of `/proc/net/fib_trie`, which heads each of them with `Id <number>:`: only a dump tells their
 * prefixes. Without that file nobody knows, so they may be there. ipv6_route has the routes of all tables anyway.
 */
export function listsOtherTables(fibTrie: string): boolean {
  return fibTrie === '' || /^Id \d+:$/m.test(fibTrie)
}

/** Canonical CIDRs of the routes and addresses in all tables of where the native program is, by a process of its own; without default routes. */
export async function routesOfAllTables(
  native: Pick<Native, 'run'>,
  families: readonly Family[],
): Promise<string[]> {
  const { outputs } = await native.run({
    setup: families.map(family => ({ op: 'netlinkDump', netns: 'host', bytes: dumpRoutes(family) })),
  })
  return outputs.flatMap(parseRoutePrefixes).filter(text => !/\/[01]$/.test(text))
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
