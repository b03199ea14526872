import { failure } from '../diagnostics/index.ts'

/** What the host uses itself: nothing of ours may overlap it. */
export interface HostAddresses {
  /** Canonical CIDRs of routes and addresses, default routes left out. */
  readonly prefixes: readonly string[]
}

/** Texts of `/proc/net/route`, `/proc/net/ipv6_route`, `/proc/net/fib_trie`, `/proc/net/if_inet6` → prefixes. */
export function parseHostAddresses(texts: {
  readonly route: string
  readonly ipv6Route: string
  readonly fibTrie: string
  readonly ifInet6: string
}): HostAddresses {
  throw failure({ code: 'NOT_YET', summary: texts.route })
}

/** Reads those files of this machine; a missing one (no IPv6) counts as empty. */
export async function readHostAddresses(): Promise<HostAddresses> {
  throw failure({ code: 'NOT_YET', summary: '' })
}
