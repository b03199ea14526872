import {
  allocateAddress,
  assignPorts,
  type Endpoint,
  type HeldPort,
  newMacAddress,
  targetsOf,
} from '../../network/index.ts'
import { claimNetwork } from '../networks/claim.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { addressOnly } from '../words/addresses.ts'

/** An endpoint with its network, as the kernel and the names need both. */
export interface JoinedEndpoint {
  readonly record: EndpointRecord
  readonly network: NetworkRecord
}

/**
 * Makes sure that the container's networks stand, gives it addresses and host ports, and records both. The caller holds the
 * container's lock and has set `starting`, so that what is decided here counts for others at once.
 */
export async function prepareNetwork(engine: EngineContext, container: Container): Promise<JoinedEndpoint[]> {
  const joined = await Promise.all(
    container.record.endpoints.map(record => claimEndpoint(engine, container, record)),
  )
  const endpoints = assignAddresses(engine, container, joined)
  container.saveRun({ endpoints: endpoints.map(each => each.record) })
  await assignHostPorts(engine, container)
  return endpoints
}

/** From here on the network is in use: its endpoint in the record tells so, as long as the container is `starting`. */
function claimEndpoint(
  engine: EngineContext,
  container: Container,
  record: EndpointRecord,
): Promise<JoinedEndpoint> {
  const wanted = { id: record.networkId, name: record.networkName }
  return claimNetwork(engine, wanted, network => {
    const claimed = { ...record, networkId: network.id }
    if (network.id !== record.networkId) {
      const endpoints = container.record.endpoints.map(each => (each === record ? claimed : each))
      container.saveRun({ endpoints })
    }
    return { network, record: claimed }
  })
}

/** Gives every endpoint its addresses, the ones it had before if they are free. Synchronous: nobody comes between. */
export function assignAddresses(
  engine: EngineContext,
  container: Container,
  joined: readonly JoinedEndpoint[],
): JoinedEndpoint[] {
  return joined.map(({ record, network }) => {
    const others = [...engine.containers.values()].filter(each => each !== container)
    const used = usedAddresses(engine, network.id, container)
    const avoid = addressesOn(
      others.filter(each => !each.holdsAddresses),
      network.id,
    )
    const addressOf = (family: 4 | 6, wanted: string | undefined): string[] => {
      const sticky = record.addresses.map(addressOnly).find(each => each.includes(':') === (family === 6))
      const address = allocateAddress(network.subnets, {
        family,
        used,
        avoid,
        ...(wanted === undefined ? {} : { wanted }),
        ...(sticky === undefined ? {} : { sticky }),
      })
      return address === undefined ? [] : [address]
    }
    const linkLocal = (record.wanted.linkLocal ?? []).map(each => `${each}/${each.includes(':') ? 64 : 16}`)
    const addresses = [...addressOf(4, record.wanted.ipv4), ...addressOf(6, record.wanted.ipv6), ...linkLocal]
    return { network, record: { ...record, addresses, macAddress: macAddressOf(record, addresses) } }
  })
}

/** The user's, or one that follows from the address: who takes an address over is reached at once. */
function macAddressOf(record: EndpointRecord, addresses: readonly string[]): string {
  const [address] = addresses
  if (record.wanted.macAddress !== undefined) return record.wanted.macAddress
  return newMacAddress(address === undefined ? undefined : { networkId: record.networkId, address })
}

/** Addresses of a network that nobody else may have now. */
export function usedAddresses(engine: EngineContext, networkId: string, except?: Container): string[] {
  const holders = [...engine.containers.values()].filter(each => each !== except && each.holdsAddresses)
  return [...addressesOn(holders, networkId), ...engine.networks.guestsOf(networkId)]
}

/** Addresses of these containers on a network; fixed ones count though their container does not run. */
function addressesOn(containers: readonly Container[], networkId: string): string[] {
  return containers.flatMap(container =>
    container.record.endpoints
      .filter(endpoint => endpoint.networkId === networkId)
      .flatMap(({ addresses, wanted }) => [
        ...addresses.map(addressOnly),
        ...[wanted.ipv4, wanted.ipv6].filter(address => address !== undefined),
      ]),
  )
}

/** Decides the host ports, one container at a time, so that two starts never choose the same. */
async function assignHostPorts(engine: EngineContext, container: Container): Promise<void> {
  const requests = container.record.endpoints.length === 0 ? [] : container.terms.ports.published
  if (requests.length === 0) {
    if (container.record.ports.length > 0) container.saveRun({ ports: [] })
    container.published = []
    return
  }
  await engine.locks.run('ports', async () => {
    const ports = await assignPorts(requests, heldPorts(engine, container))
    container.saveRun({ ports })
    container.published = publishedTargets(engine, container)
  })
}

/** The container's published ports with the addresses that they lead to. */
export function publishedTargets(engine: EngineContext, container: Container): Container['published'] {
  const { ports, endpoints } = container.record
  return targetsOf(
    ports,
    endpoints.map(({ networkId, addresses }) => ({
      networkId,
      addresses: addresses.map(addressOnly),
      internal: engine.networks.find(networkId)?.internal === true,
    })),
  )
}

function heldPorts(engine: EngineContext, container: Container): HeldPort[] {
  return [...engine.containers.values()]
    .filter(other => other !== container && other.published.length > 0)
    .flatMap(other => other.record.ports.map(port => ({ ...port, holder: other.name })))
}

/** The endpoints in the network folder's words. */
export function kernelEndpoints(joined: readonly JoinedEndpoint[]): Endpoint[] {
  return joined.map(({ record, network }) => ({
    id: record.endpointId,
    network,
    interfaceName: record.interfaceName,
    macAddress: record.macAddress,
    addresses: record.addresses,
    gwPriority: record.gwPriority,
  }))
}
