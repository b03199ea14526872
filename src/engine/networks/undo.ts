import { collectErrorsTogether } from '../../diagnostics/index.ts'
import { networksInUse } from '../groups/kept-network.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { shortId } from '../words/ids.ts'
import { forgetOpening } from './opening.ts'
import { DEFAULT_BRIDGE, networkKey } from './predefined.ts'
import { teardownNetwork } from './standing.ts'

/** Names of the containers that run, or are about to, on the network, and of builds that do. */
export function usersOf(engine: EngineContext, networkId: string): string[] {
  const inUse = networksInUse(engine.containers)
  const containers = [...engine.containers.values()]
    .filter(
      container => inUse(container) && container.record.endpoints.some(each => each.networkId === networkId),
    )
    .map(container => container.name)
  return engine.networks.guestsOf(networkId).size > 0 ? [...containers, 'build'] : containers
}

/** The same of containers, as Docker names them where a network cannot be removed. */
export function endpointsOn(engine: EngineContext, networkId: string): string {
  const inUse = networksInUse(engine.containers)
  const endpoints = [...engine.containers.values()].flatMap(container => {
    const { name, record } = container
    return inUse(container)
      ? record.endpoints.filter(each => each.networkId === networkId).map(each => ({ name, ...each }))
      : []
  })
  return endpoints.map(({ name, endpointId }) => `name:"${name}" id:"${shortId(endpointId)}"`).join(', ')
}

/**
 * Removes everything of a network, going on after an error; the record last, so that a retry finds the rest. The caller has
 * the network's lock, and has seen there that nobody uses it.
 */
export async function undoNetwork(engine: EngineContext, network: NetworkRecord): Promise<void> {
  engine.networks.markLeaving(network.id, true)
  try {
    await collectErrorsTogether(`remove network ${network.name}`, [
      () => teardownNetwork(engine, network),
      () => engine.names.remove(network.id),
      () => engine.firewall.apply(),
    ])
  } catch (error) {
    engine.networks.markLeaving(network.id, false)
    engine.names.keep(network.id)
    throw error
  }
  forgetOpening(engine, network.id)
  engine.networks.delete(network.id)
}

/** Removes the default bridge when nobody uses it: the engine ends, or somebody wants its addresses. */
export function releaseDefaultBridge(engine: EngineContext): Promise<void> {
  return engine.locks.run(networkKey(DEFAULT_BRIDGE), async () => {
    const network = engine.networks.findByName(DEFAULT_BRIDGE.name)
    if (network !== undefined && usersOf(engine, network.id).length === 0) await undoNetwork(engine, network)
  })
}
