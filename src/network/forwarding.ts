import { failure } from '../diagnostics/index.ts'

/** Switches `net.ipv4.ip_forward` (and, where asked, IPv6 forwarding) on if it is off, as containers need a router. */
export async function ensureForwarding(options: { readonly ipv6: boolean }): Promise<void> {
  throw failure({ code: 'NOT_YET', summary: String(options.ipv6) })
}
