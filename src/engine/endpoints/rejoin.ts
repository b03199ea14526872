import { isDeepStrictEqual } from 'node:util'
import type { EndpointSettings } from '../../api/types/index.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { joinNetwork, leaveNetwork } from './connect.ts'
import { isEndpointOn, newEndpoint } from './endpoint.ts'
import { tellRelay } from './relay.ts'

/** Whether the networks of a container can be others while it runs: it has some, and its names are answered by its relay. */
export function takesNetworks({ terms, record }: Container): boolean {
  return terms.network.mode.kind === 'network' && record.endpoints.length > 0
}

/**
 * Has a container be on these networks and no others, by name; the caller holds its lock. It joins before it leaves. An endpoint whose names alone
 * differ stays with its connections; one with other addresses goes, and another comes. Each step is in the record once it is
 * done: cut off in between, it is gone on with when it is asked for again.
 */
export async function rejoin(
  engine: EngineContext,
  container: Container,
  wanted: Readonly<Record<string, EndpointSettings>>,
): Promise<void> {
  const networks = Object.entries(wanted).map(([name, settings]) => ({
    network: engine.networks.resolve(name),
    settings,
  }))
  for (const { network, settings } of networks) await ensureJoined(engine, container, network, settings)
  const left = container.record.endpoints.filter(
    each => !networks.some(({ network }) => isEndpointOn(each, network)),
  )
  for (const endpoint of left) await leaveNetwork(engine, networkOf(engine, endpoint), container, endpoint)
}

async function ensureJoined(
  engine: EngineContext,
  container: Container,
  network: NetworkRecord,
  settings: EndpointSettings,
): Promise<void> {
  const { endpoints } = container.record
  const found = endpoints.find(each => isEndpointOn(each, network))
  const others = endpoints.filter(each => each !== found)
  const asked = newEndpoint(network, settings, others, { name: container.name })
  if (found !== undefined && isDeepStrictEqual(placeOf(found, asked), placeOf(asked, asked)))
    return await rename(engine, container, found, asked)
  if (found !== undefined) await leaveNetwork(engine, network, container, found)
  await joinNetwork(engine, network, container, settings)
}

/** What of an endpoint is in the kernel, as far as somebody asks for it. */
function placeOf(
  { wanted, driverOpts, gwPriority, interfaceName }: EndpointRecord,
  asked: EndpointRecord,
): object {
  const isNamed = Object.keys(asked.driverOpts).some(option => option.endsWith('.ifname'))
  return { wanted, driverOpts, gwPriority, ...(isNamed ? { interfaceName } : {}) }
}

/** What others call it there, and what it calls others. */
async function rename(
  engine: EngineContext,
  container: Container,
  found: EndpointRecord,
  { aliases, links = [] }: EndpointRecord,
): Promise<void> {
  if (isDeepStrictEqual([found.aliases, found.links ?? []], [aliases, links])) return
  const { links: _, ...rest } = found
  const named: EndpointRecord = { ...rest, aliases, ...(links.length === 0 ? {} : { links }) }
  container.save({ endpoints: container.record.endpoints.map(each => (each === found ? named : each)) })
  await engine.names.update([found.networkId, container.id])
  await tellRelay(engine, container)
}

/** One that was removed under it is known by the endpoint alone. */
function networkOf(
  engine: Pick<EngineContext, 'networks'>,
  { networkId, networkName }: EndpointRecord,
): Pick<NetworkRecord, 'id' | 'name' | 'driver'> {
  return engine.networks.find(networkId) ?? { id: networkId, name: networkName, driver: 'bridge' }
}
