import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { defaultBridge } from './default-bridge.ts'
import { findMode, HOST_NETWORK, NONE_NETWORK } from './predefined.ts'

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
  await defaultBridge(engine)
  const isDigits = /^[0-9a-f]+$/.test(reference)
  const modes = [HOST_NETWORK, NONE_NETWORK].filter(({ id }) => isDigits && id.startsWith(reference))
  const others = (await allNetworks(engine)).filter(({ id }) => isDigits && id.startsWith(reference))
  const [mode] = modes
  return mode !== undefined && others.length === 1 ? mode : engine.networks.resolve(reference)
}
