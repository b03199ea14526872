import { isDeepStrictEqual } from 'node:util'
import type { EndpointSettings } from '../../api/types/index.ts'
import { undo } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { assignAddresses } from './addresses.ts'
import { askedEndpoint, checkJoin, joinWith } from './connect.ts'
import { leaveNetwork } from './disconnect.ts'
import { isEndpointOn } from './endpoint.ts'
import { tellRelay } from './relay.ts'

/** Whether the networks of a container can be others while it runs: it has some, and its names are answered by its relay. */
export function takesNetworks({ terms, record }: Container): boolean {
  return terms.network.mode.kind === 'network' && record.endpoints.length > 0
}

/**
 * Has a container be on these networks and no others, by name; the caller holds its lock. It joins before it leaves. An endpoint whose names alone
 * differ stays with its connections; one with other addresses goes, and another comes. Each step is in the record once it is
 * done: cut off in between, it is gone on with when it is asked for again. Where a step fails, or what has to `follow` them, it is on the
 * networks of before again, with the addresses that it had.
 */
export async function rejoin(
  engine: EngineContext,
  container: Container,
  wanted: Wanted,
  follow: () => Promise<void> = async () => undefined,
): Promise<void> {
  const before = container.record.endpoints
  const networks = networksOf(engine, wanted)
  try {
    for (const { network, settings } of networks) await ensureJoined(engine, container, network, settings)
    const left = container.record.endpoints.filter(
      each => !networks.some(({ network }) => isEndpointOn(each, network)),
    )
    for (const endpoint of left) await leaveNetwork(engine, networkOf(engine, endpoint), container, endpoint)
    await follow()
  } catch (error) {
    await undo(engine, `networks of ${container.name}`, stepsBack(engine, container, before))
    throw error
  }
}

/** Settings by the name of the network. */
type Wanted = Readonly<Record<string, EndpointSettings>>

function networksOf(
  { networks }: Pick<EngineContext, 'networks'>,
  wanted: Wanted,
): { readonly network: NetworkRecord; readonly settings: EndpointSettings }[] {
  return Object.entries(wanted).map(([name, settings]) => ({ network: networks.resolve(name), settings }))
}

/** What `rejoin` would be refused: seen before anything is left. What it throws is what joining throws. */
export function checkRejoin(engine: EngineContext, container: Container, wanted: Wanted): void {
  let { endpoints } = container.record
  for (const { network, settings } of networksOf(engine, wanted)) {
    const asked = endpointAsked(container, network, settings, endpoints)
    if (asked.stays) continue
    if (container.holdsAddresses) assignAddresses(engine, container, [{ record: asked.endpoint, network }])
    endpoints = [...endpoints.filter(each => each !== asked.found), asked.endpoint]
  }
}

/** What it would have on a network, beside what it has on others; `stays`: what it has there, `found`, is that in the kernel. */
function endpointAsked(
  container: Container,
  network: NetworkRecord,
  settings: EndpointSettings,
  endpoints: readonly EndpointRecord[],
): { readonly found?: EndpointRecord; readonly endpoint: EndpointRecord; readonly stays: boolean } {
  const found = endpoints.find(each => isEndpointOn(each, network))
  const others = endpoints.filter(each => each !== found)
  const endpoint = askedEndpoint(container, network, settings, others)
  if (found !== undefined && isDeepStrictEqual(placeOf(found, endpoint), placeOf(endpoint, endpoint)))
    return { found, endpoint, stays: true }
  checkJoin(container, endpoint)
  return { ...(found === undefined ? {} : { found }), endpoint, stays: false }
}

async function ensureJoined(
  engine: EngineContext,
  container: Container,
  network: NetworkRecord,
  settings: EndpointSettings,
): Promise<void> {
  const { endpoints } = container.record
  const { found, endpoint, stays } = endpointAsked(container, network, settings, endpoints)
  if (found !== undefined && stays) return await rename(engine, container, found, endpoint)
  if (found !== undefined) await leaveNetwork(engine, network, container, found)
  await joinWith(engine, network, container, endpoint)
}

/** To the endpoints of before: what came goes, what went comes back as it was, and what has other names gets back its own. */
function stepsBack(
  engine: EngineContext,
  container: Container,
  before: readonly EndpointRecord[],
): (() => Promise<void> | void)[] {
  const now = container.record.endpoints
  const isAmong = (endpoints: readonly EndpointRecord[], { endpointId }: EndpointRecord): boolean =>
    endpoints.some(each => each.endpointId === endpointId)
  const came = now.filter(each => !isAmong(before, each))
  const went = before.filter(each => !isAmong(now, each))
  const placeBefore = ({ endpointId }: EndpointRecord): number =>
    before.findIndex(each => each.endpointId === endpointId)
  return [
    ...came.map(each => () => leaveNetwork(engine, networkOf(engine, each), container, each)),
    ...went.map(each => () => joinWith(engine, networkOf(engine, each), container, each)),
    ...now.flatMap(found => {
      const had = before.find(each => each.endpointId === found.endpointId)
      return had === undefined ? [] : [() => rename(engine, container, found, had)]
    }),
    // The first one is that of the network mode.
    () =>
      container.save({
        endpoints: container.record.endpoints.toSorted((a, b) => placeBefore(a) - placeBefore(b)),
      }),
  ]
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
