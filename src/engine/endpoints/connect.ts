import { isDeepStrictEqual } from 'node:util'
import type { EndpointSettings, NetworkConnectRequest } from '../../api/types/index.ts'
import { failure, undo } from '../../diagnostics/index.ts'
import { connectOps } from '../../network/index.ts'
import { networkNamespaceOf } from '../groups/namespaces.ts'
import { claimNetwork } from '../networks/claim.ts'
import { networksOpened } from '../networks/opening.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { assignAddresses } from './addresses.ts'
import { detach, egressAgain, listAgain, tellOfNetwork } from './disconnect.ts'
import { newEndpoint } from './endpoint.ts'
import { joinedOf, kernelEndpoints } from './joined.ts'
import { isGuarded } from './program.ts'
import { tellRelay } from './relay.ts'
import { publishOnNetworks } from './republish.ts'
import { sysctlsOf } from './settings.ts'

type Network = Pick<NetworkRecord, 'id' | 'name' | 'driver'>

/** `POST /networks/{id}/connect`: at once for a running container, otherwise at its next start. `follow`: what is to be done in one that runs, then. */
export async function connectContainer(
  engine: EngineContext,
  wanted: Network,
  body: NetworkConnectRequest,
  follow: (container: Container) => Promise<void>,
): Promise<void> {
  const container = engine.containers.resolve(body.Container)
  await engine.locks.run(container.id, async () => {
    const settings = body.EndpointConfig ?? NO_SETTINGS
    const endpoint = askedEndpoint(container, wanted, settings, container.record.endpoints)
    checkJoin(container, endpoint)
    await joinWith(engine, wanted, container, endpoint)
    if (container.holdsAddresses) await follow(container)
  })
}

const NO_SETTINGS: EndpointSettings = {}

/** What a container that is there would have on a network, beside `others`. NETWORK_MODE, and what `newEndpoint` throws. */
export function askedEndpoint(
  container: Container,
  network: Network,
  settings: EndpointSettings,
  others: readonly EndpointRecord[],
): EndpointRecord {
  checkMode(container)
  checkNetwork(network)
  return newEndpoint(network, settings, others, { name: container.name })
}

/** Connects a container whose lock the caller has, with this very endpoint: with the addresses and the MAC address that it had, if it had some. */
export async function joinWith(
  engine: EngineContext,
  wanted: Network,
  container: Container,
  endpoint: EndpointRecord,
): Promise<void> {
  const before = container.record.endpoints
  let network = wanted
  if (container.holdsAddresses)
    try {
      network = await connectRunning(engine, container, endpoint)
    } catch (error) {
      await undo(engine, `connect ${container.name} to ${wanted.name}`, [
        () => detach(engine, container, endpoint),
        () => container.save({ endpoints: before }),
        () => publishOnNetworks(engine, container),
      ])
      throw error
    }
  else {
    container.save({ endpoints: withJoined(container, [endpoint]) })
    await listAgain(engine, endpoint.networkId)
  }
  tellOfNetwork(engine, network, container, 'connect')
}

/** The record first: the network is in use from then on. */
async function connectRunning(
  engine: EngineContext,
  container: Container,
  endpoint: EndpointRecord,
): Promise<NetworkRecord> {
  const wanted = { id: endpoint.networkId, name: endpoint.networkName }
  const network = await claimNetwork(engine, wanted, network => {
    const record = { ...endpoint, networkId: network.id }
    const joined = assignAddresses(engine, container, [{ record, network }])
    const added = joined.map(each => withMacOf(endpoint, each.record))
    container.save({ endpoints: withJoined(container, added) })
    return network
  })
  await networksOpened(engine, [network.id])
  const of = { container: container.name, engineId: engine.paths.engineId }
  const all = kernelEndpoints(container, joinedOf(engine, container), of)
  const added = all.find(each => each.id === endpoint.endpointId)
  if (added !== undefined) {
    await engine.native.run({
      setup: [
        ...connectOps(networkNamespaceOf(container), added, all, isGuarded(engine, container)),
        ...egressAgain(container, all),
      ],
    })
  }
  if (container.terms.network.hostAccess === true) await engine.firewall.apply()
  await engine.names.update([network.id])
  await tellRelay(engine, container)
  await publishOnNetworks(engine, container)
  return network
}

/** The network of its mode stays the first, whose gateway it has where none is asked for: it may have been left, and be joined again. */
function withJoined({ record, terms }: Container, added: readonly EndpointRecord[]): EndpointRecord[] {
  const { mode } = terms.network
  const all = [...record.endpoints, ...added]
  const isFirst = ({ networkId, networkName }: EndpointRecord): boolean =>
    mode.kind === 'network' && (mode.network === networkName || mode.network === networkId)
  return [...all.filter(isFirst), ...all.filter(each => !isFirst(each))]
}

/** One that comes back to its addresses comes back as the same: what others know of its MAC address stays true. */
function withMacOf({ macAddress, addresses }: EndpointRecord, assigned: EndpointRecord): EndpointRecord {
  const isSame = macAddress !== '' && isDeepStrictEqual(addresses, assigned.addresses)
  return isSame ? { ...assigned, macAddress } : assigned
}

/** Sysctls are written by the container's own program, before it gives up its rights. ENDPOINT_OPTION. */
export function checkJoin(
  { holdsAddresses }: Container,
  { driverOpts, interfaceName }: EndpointRecord,
): void {
  if (!holdsAddresses || Object.keys(sysctlsOf(driverOpts, interfaceName)).length === 0) return
  throw failure({
    code: 'ENDPOINT_OPTION',
    kind: 'conflict',
    summary: 'sysctls of an interface are set when the container starts: it runs',
    hint: 'stop it first, connect it and start it again',
  })
}

function checkMode(container: Container): void {
  const { mode } = container.terms.network
  if (mode.kind === 'network') return
  throw failure({
    code: 'NETWORK_MODE',
    kind: 'invalidArgument',
    summary: `container ${container.name} has network mode "${mode.kind}" and cannot join other networks`,
    facts: { option: 'join', mode: mode.kind },
  })
}

/** Networks of a mode: a container has one of them from its creation on, or never. */
function checkNetwork({ name }: Pick<NetworkRecord, 'name'>): void {
  if (name !== 'host' && name !== 'none') return
  throw failure({
    code: 'NETWORK_MODE',
    kind: 'invalidArgument',
    summary: `a container that is there cannot be connected to network ${name}`,
    facts: { option: 'connect', mode: name },
  })
}
