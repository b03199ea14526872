import { driverOf, hostOf, type RouteClash, routeClashes, type Subnet } from '../../network/index.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'

/**
 * Makes what stands on the host for the network. The caller has the network's lock: nobody else makes it, or removes it,
 * meanwhile.
 */
export async function setupNetwork(
  engine: Pick<EngineContext, 'native' | 'paths'>,
  network: NetworkRecord,
): Promise<void> {
  await driverOf(network).setup(hostOf(engine.native, engine.paths), network)
}

/** Removes it, with what led to it; fine where there is none. */
export async function teardownNetwork(
  engine: Pick<EngineContext, 'native' | 'networks'>,
  network: NetworkRecord,
): Promise<void> {
  const others = engine.networks.values().filter(({ id }) => id !== network.id)
  await driverOf(network).teardown(hostOf(engine.native), network, others)
}

/** Those of a network's subnets that the host has another route for; none where the host does not route for it. */
export function clashesOf(network: NetworkRecord, subnets: readonly Subnet[]): RouteClash[] {
  const link = driverOf(network).firewall(network)?.link
  if (link === undefined) return []
  return routeClashes(
    subnets.map(({ subnet }) => subnet),
    link,
  )
}
