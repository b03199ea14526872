import type { SetupOp } from '../../native/index.ts'
import type { Endpoint } from '../drivers/driver.ts'
import { containerNetlink, setLinkMac } from '../netlink/index.ts'
import type { NetnsFile } from './endpoints.ts'
import { type Inside, interfaceOf } from './observe-inside.ts'

/** Sysctls by which an interface tells its neighbours of its addresses when it is given its MAC address. */
export function announcing(interfaceName: string): string[] {
  return [`net.ipv4.conf.${interfaceName}.arp_notify`, `net.ipv6.conf.${interfaceName}.ndisc_notify`]
}

/** Operations that have a container's interfaces tell it, where they are `announcing`: each is given the MAC address that it has. */
export function announceOps(netns: NetnsFile, inside: Inside, endpoints: readonly Endpoint[]): SetupOp[] {
  const told = endpoints.flatMap((endpoint): SetupOp[] => {
    const link = interfaceOf(inside, endpoint)
    if (link === undefined || link.kind === 'ipvlan') return []
    return [containerNetlink(`announce ${link.name}`, setLinkMac(link.index, endpoint.macAddress))]
  })
  return told.length === 0 ? [] : [{ ...netns, op: 'openNetns' }, ...told]
}
