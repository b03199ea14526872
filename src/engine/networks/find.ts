import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { defaultBridge } from './default-bridge.ts'
import { DEFAULT_BRIDGE, findMode, HOST_NETWORK, NONE_NETWORK } from './predefined.ts'

/** All networks, Docker's three among them whether anybody uses them or not. */
export async function allNetworks(engine: EngineContext): Promise<NetworkRecord[]> {
  const bridge = await defaultBridge(engine)
  const made = engine.networks.values().filter(({ id }) => id !== bridge.id)
  return [bridge, ...made, HOST_NETWORK, NONE_NETWORK]
}

/** By id, name or unambiguous prefix of an id; NETWORK_NOT_FOUND, NETWORK_AMBIGUOUS. */
export async function findNetwork(engine: EngineContext, reference: string): Promise<NetworkRecord> {
  const exact =
    findMode(reference) ?? engine.networks.find(reference) ?? engine.networks.findByName(reference)
  if (exact !== undefined) return exact
  if (!/^[0-9a-f]+$/.test(reference)) {
    // To say what the default bridge will be takes a look at all addresses of the machine: only for who may mean it.
    if (reference === DEFAULT_BRIDGE.name) await defaultBridge(engine)
    return engine.networks.resolve(reference)
  }
  const others = (await allNetworks(engine)).filter(({ id }) => id.startsWith(reference))
  const mode = [HOST_NETWORK, NONE_NETWORK].find(({ id }) => id.startsWith(reference))
  return mode !== undefined && others.length === 1 ? mode : engine.networks.resolve(reference)
}
