import { readdir, writeFile } from 'node:fs/promises'
import { readIfThereSync } from '../../linux/read-if-there.ts'

const IPV4 = '/proc/sys/net/ipv4/ip_forward'
const IPV6_CONF = '/proc/sys/net/ipv6/conf'

/**
 * Switches `net.ipv4.ip_forward` (and, where asked, IPv6 forwarding) on if it is off: containers need the host as a
 * router. It stays on when the last network goes, as with Docker: others may rely on it by then. Hosts that must not
 * route between their other interfaces need a FORWARD policy of their own, which `foreign-rules.ts` respects.
 */
export async function ensureForwarding(options: { readonly ipv6: boolean }): Promise<void> {
  await switchOn(IPV4)
  if (options.ipv6 && read(`${IPV6_CONF}/all/forwarding`) === '0') {
    await keepRouterAdvertisements()
    await switchOn(`${IPV6_CONF}/all/forwarding`)
  }
}

/** Whether the host is a router, as far as networks need it. */
export function isForwarding(options: { readonly ipv6: boolean }): boolean {
  const off = [IPV4, ...(options.ipv6 ? [`${IPV6_CONF}/all/forwarding`] : [])]
  return !off.map(read).includes('0')
}

/** A host that forwards ignores router advertisements unless accept_ra is 2, and would lose its own default route. */
async function keepRouterAdvertisements(): Promise<void> {
  for (const link of await readdir(IPV6_CONF)) {
    const file = `${IPV6_CONF}/${link}/accept_ra`
    if (link !== 'all' && link !== 'default' && read(file) === '1') await writeFile(file, '2')
  }
}

async function switchOn(file: string): Promise<void> {
  if (read(file) === '0') await writeFile(file, '1')
}

/** At once: through Node's threads it would be five calls that wait for a thread, and for the loop. */
function read(file: string): string | undefined {
  return readIfThereSync(file)?.trim()
}
