import { failure } from '../../diagnostics/index.ts'
import type { Native } from '../../native/index.ts'
import type { FirewallNetwork } from '../firewall/firewall-state.ts'
import { ensureForwarding } from '../firewall/forwarding.ts'
import { BRIDGE } from './bridge.ts'
import type { Host, Network, NetworkDriver, Owner } from './driver.ts'
import { IPVLAN } from './ipvlan.ts'
import { SYSFS_LINKS } from './links.ts'
import { MACVLAN } from './macvlan.ts'
import { HOST, NONE } from './modes.ts'

/** Every driver that there is: another one is its file and its place here. */
export const DRIVERS: readonly NetworkDriver[] = [BRIDGE, MACVLAN, IPVLAN, HOST, NONE]

/** The driver of that name; undefined for one that we have not. */
export function driverNamed(name: string): NetworkDriver | undefined {
  return DRIVERS.find(driver => driver.name === name)
}

/** The driver that a network's record names; a record that names no driver of ours is set aside when it is read. */
export function driverOf(network: Pick<Network, 'name' | 'driver'>): NetworkDriver {
  const driver = driverNamed(network.driver)
  if (driver !== undefined) return driver
  throw failure({
    code: 'NETWORK_DRIVER',
    kind: 'internal',
    summary: `network "${network.name}" has the driver "${network.driver}", which is not supported`,
  })
}

/** What the firewall has for all of these networks: of the same network always the same, so that it finds what is new. */
export function firewallNetworks(networks: readonly Network[]): FirewallNetwork[] {
  return networks.flatMap(network => {
    const known = made.get(network) ?? { firewall: driverOf(network).firewall(network) }
    made.set(network, known)
    return known.firewall ?? []
  })
}

const made = new WeakMap<Network, { readonly firewall: FirewallNetwork | undefined }>()

/** This machine, for drivers to work on. */
export function hostOf(native: Pick<Native, 'run'>, owner?: Owner): Host {
  return { native, links: SYSFS_LINKS, forward: ensureForwarding, ...(owner && { owner }) }
}
