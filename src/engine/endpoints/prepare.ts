import { claimNetwork } from '../networks/claim.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { newId } from '../words/ids.ts'
import { assignAddresses } from './addresses.ts'
import type { JoinedEndpoint } from './joined.ts'
import { assignHostPorts } from './ports.ts'

/**
 * Makes sure that the container's networks stand, gives it addresses and host ports, and decides both, for the start to record. The caller holds the
 * container's lock and has set `starting`, so that what is decided here counts for others at once.
 */
export async function prepareNetwork(engine: EngineContext, container: Container): Promise<JoinedEndpoint[]> {
  const joined = await Promise.all(
    container.record.endpoints.map(record => claimEndpoint(engine, container, record)),
  )
  const endpoints = assignAddresses(engine, container, joined)
  container.decideRun({ endpoints: endpoints.map(each => each.record) })
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
    const claimed = { ...record, networkId: network.id, endpointId: ownEndpointId(engine, container, record) }
    if (network.id !== record.networkId || claimed.endpointId !== record.endpointId) {
      const endpoints = container.record.endpoints.map(each => (each === record ? claimed : each))
      container.saveRun({ endpoints })
    }
    return { network, record: claimed }
  })
}

/** One that was made in another's place has that one's link, unless that one has it still. */
function ownEndpointId(engine: EngineContext, container: Container, { endpointId }: EndpointRecord): string {
  const isTaken = [...engine.containers.values()].some(
    other =>
      other !== container &&
      other.holdsAddresses &&
      other.record.endpoints.some(each => each.endpointId === endpointId),
  )
  return isTaken ? newId() : endpointId
}
