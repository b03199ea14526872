import { existsSync } from 'node:fs'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { newId } from '../words/ids.ts'
import { makeNetwork } from './create.ts'
import { DEFAULT_BRIDGE, networkKey } from './predefined.ts'
import { undoNetwork, usersOf } from './remove.ts'

/**
 * Makes the default bridge, for the first who uses it, so that a machine without such containers has no bridge of ours.
 * The caller has the network's lock.
 */
export function makeDefaultBridge(engine: EngineContext): Promise<NetworkRecord> {
  const options = { 'com.docker.network.bridge.default_bridge': 'true' }
  return makeNetwork(engine, newId(), DEFAULT_BRIDGE.name, { Name: DEFAULT_BRIDGE.name, Options: options })
}

/** The default bridge as a container that does not run names it; without an id while there is none. */
export function defaultBridgeName(
  engine: Pick<EngineContext, 'networks'>,
): Pick<NetworkRecord, 'id' | 'name' | 'driver'> {
  return engine.networks.findByName(DEFAULT_BRIDGE.name) ?? DEFAULT_BRIDGE
}

/** Removes the default bridge when nobody uses it any more. */
export function releaseDefaultBridge(engine: EngineContext): Promise<void> {
  return engine.locks.run(networkKey(DEFAULT_BRIDGE), async () => {
    const network = engine.networks.findByName(DEFAULT_BRIDGE.name)
    if (
      network === undefined ||
      engine.networks.defaultBridgeKeepers > 0 ||
      usersOf(engine, network.id).length > 0
    )
      return
    await undoNetwork(engine, network)
  })
}

/** The same for one that an engine left which was killed: a container whose run is not cleared may be running yet. */
export async function sweepDefaultBridge(engine: EngineContext): Promise<void> {
  const mayRun = [...engine.containers.values()].some(
    ({ record, paths }) =>
      record.endpoints.some(endpoint => endpoint.networkName === DEFAULT_BRIDGE.name) &&
      existsSync(paths.runFolder),
  )
  if (!mayRun) await releaseDefaultBridge(engine)
}

/** Runs `task`; a default bridge that is made meanwhile stays until it ends, so that the steps of a build share one. */
export async function keepingDefaultBridge<T>(engine: EngineContext, task: () => Promise<T>): Promise<T> {
  engine.networks.defaultBridgeKeepers += 1
  try {
    return await task()
  } finally {
    engine.networks.defaultBridgeKeepers -= 1
    await releaseDefaultBridge(engine)
  }
}
