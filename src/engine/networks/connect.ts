import type { EndpointSettings, NetworkConnectRequest } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { connectOps, disconnectOps } from '../../network/index.ts'
import { undo } from '../collect-errors.ts'
import type { Container } from '../containers/container.ts'
import { newEndpoint, parseNetworkMode } from '../containers/create/endpoints.ts'
import { networkNamespaceOf } from '../containers/start/namespaces.ts'
import { assignAddresses, type JoinedEndpoint, kernelEndpoints } from '../containers/start/network.ts'
import { isGuarded } from '../containers/start/network-program.ts'
import type { EngineContext } from '../context.ts'
import type { NetworkRecord } from '../records/network-record.ts'
import { repairBridge } from './kernel.ts'
import { networksOpened } from './opening.ts'
import { tellRelay } from './relay.ts'

/** `POST /networks/{id}/connect`: at once for a running container, otherwise at its next start. */
export async function connectContainer(
  engine: EngineContext,
  network: NetworkRecord,
  body: NetworkConnectRequest,
): Promise<void> {
  const container = engine.containers.resolve(body.Container)
  await engine.locks.run(container.id, async () => {
    checkMode(container)
    const before = container.record.endpoints
    const endpoint = newEndpoint(network, body.EndpointConfig ?? NO_SETTINGS, before)
    if (!container.holdsAddresses) {
      container.save({ endpoints: [...before, endpoint] })
      return
    }
    await Promise.all([repairBridge(engine, network), networksOpened(engine, [network.id])])
    const joined = assignAddresses(engine, container, [{ record: endpoint, network }])
    container.save({ endpoints: [...before, ...joined.map(each => each.record)] })
    try {
      const all = kernelEndpoints(joinedOf(engine, container))
      const added = all.find(each => each.id === endpoint.endpointId)
      if (added !== undefined) {
        await engine.native.run({
          setup: connectOps(networkNamespaceOf(container), added, all, isGuarded(engine, container)),
        })
      }
      await engine.names.update([network.id])
      await tellRelay(engine, container)
    } catch (error) {
      const what = `connect ${container.name} to ${network.name}`
      await undo(engine, what, [() => container.save({ endpoints: before })])
      throw error
    }
  })
  tell(engine, network, container, 'connect')
}

const NO_SETTINGS: EndpointSettings = {}

/** `POST /networks/{id}/disconnect`. */
export async function disconnectContainer(
  engine: EngineContext,
  network: NetworkRecord,
  container: Container,
  force: boolean,
): Promise<void> {
  await engine.locks.run(container.id, async () => {
    const before = container.record.endpoints
    const endpoint = before.find(each => each.networkId === network.id)
    if (endpoint === undefined) {
      if (force) return
      throw failure({
        code: 'ENDPOINT_NOT_FOUND',
        kind: 'notFound',
        summary: `container ${container.id} is not connected to network ${network.name}`,
      })
    }
    if (container.running) {
      const all = kernelEndpoints(joinedOf(engine, container))
      const gone = all.find(each => each.id === endpoint.endpointId)
      const remain = all.filter(each => each !== gone)
      if (gone !== undefined) {
        await engine.native.run({
          setup: disconnectOps(networkNamespaceOf(container), gone, remain, isGuarded(engine, container)),
        })
      }
    }
    container.save({ endpoints: before.filter(each => each !== endpoint) })
    if (!container.holdsAddresses) return
    await tellRelay(engine, container)
    await engine.names.update([network.id, container.id])
  })
  tell(engine, network, container, 'disconnect')
}

/** The container's endpoints with those of its networks that exist. */
function joinedOf(engine: EngineContext, container: Container): JoinedEndpoint[] {
  return container.record.endpoints.flatMap(record => {
    const network = engine.networks.find(record.networkId)
    return network === undefined ? [] : [{ record, network }]
  })
}

function checkMode(container: Container): void {
  const mode = parseNetworkMode(container.record.hostConfig.NetworkMode)
  if (mode.kind === 'bridge') return
  throw failure({
    code: 'NETWORK_MODE',
    kind: 'invalidArgument',
    summary: `container ${container.name} has network mode "${mode.kind}" and cannot join other networks`,
  })
}

function tell(engine: EngineContext, network: NetworkRecord, container: Container, action: string): void {
  engine.events.publish({
    type: 'network',
    action,
    id: network.id,
    attributes: { container: container.id, name: network.name, type: network.driver },
  })
}
