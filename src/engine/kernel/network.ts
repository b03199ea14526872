import type { Drift } from '../../api/types/index.ts'
import {
  driverOf,
  hostOf,
  type Drift as NetworkDrift,
  type RouteClash,
  routeClashes,
  type Subnet,
} from '../../network/index.ts'
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

/** Makes anew what of it the kernel has lost. A look where nothing is, so that every start can afford it. */
export async function repairNetwork(
  engine: Pick<EngineContext, 'native' | 'paths'>,
  network: NetworkRecord,
): Promise<void> {
  const driver = driverOf(network)
  const host = hostOf(engine.native, engine.paths)
  const drift = driver.observe(host.links, network)
  if (drift.length > 0) await driver.repair(host, network, drift)
}

/** Removes it, with what led to it; fine where there is none. */
export async function teardownNetwork(
  engine: Pick<EngineContext, 'native' | 'networks'>,
  network: NetworkRecord,
): Promise<void> {
  const others = engine.networks.values().filter(({ id }) => id !== network.id)
  await driverOf(network).teardown(hostOf(engine.native), network, others)
}

/** What the kernel has otherwise than the network was set up. */
export function observeNetwork(engine: Pick<EngineContext, 'native'>, network: NetworkRecord): Drift[] {
  const found = driverOf(network)
    .observe(hostOf(engine.native).links, network)
    .map(each => wireDrift(each))
  return [...found, ...clashesOf(network, chosenSubnets(network)).map(clashDrift)]
}

/** Subnets that were chosen for the network: what the user gave stays as it is. */
function chosenSubnets({ ipam, subnets }: NetworkRecord): Subnet[] {
  const given = (ipam.Config ?? []).flatMap(({ Subnet }) => Subnet ?? [])
  return subnets.filter(({ subnet }) => !given.includes(subnet))
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

function clashDrift({ subnet, route, link }: RouteClash): Drift {
  const got = link === '' ? `${route} leads nowhere` : `${route} leads to ${link}`
  return { Path: 'subnet', Want: subnet, Got: got }
}

/** Drift of a network or an endpoint in the API's spelling, its path below another one. */
export function wireDrift({ path, want, got }: NetworkDrift, below?: string): Drift {
  return { Path: below === undefined ? path : `${below}.${path}`, Want: want, Got: got }
}
