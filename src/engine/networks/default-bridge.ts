import type { EngineContext } from '../context.ts'
import type { NetworkRecord } from '../records/network-record.ts'
import { makeNetwork } from './create.ts'
import { undoNetwork, usersOf } from './remove.ts'

const LOCK = 'network:default-bridge'
/** Builds that use it now: they have no container record. */
const guests = new WeakMap<EngineContext, number>()

/** The default bridge, made at its first use so that a machine without such containers has no bridge of ours. */
export function ensureDefaultBridge(engine: EngineContext): Promise<NetworkRecord> {
  return engine.locks.run(LOCK, async () => engine.networks.findByName('bridge') ?? makeDefaultBridge(engine))
}

async function makeDefaultBridge(engine: EngineContext): Promise<NetworkRecord> {
  const options = { 'com.docker.network.bridge.default_bridge': 'true' }
  const { record } = await makeNetwork(engine, 'bridge', { Name: 'bridge', Options: options })
  return record
}

/** Removes the default bridge when nobody uses it any more. */
export function releaseDefaultBridge(engine: EngineContext): Promise<void> {
  return engine.locks.run(LOCK, async () => {
    const network = engine.networks.findByName('bridge')
    if (network === undefined || (guests.get(engine) ?? 0) > 0 || usersOf(engine, network.id).length > 0)
      return
    await undoNetwork(engine, network)
  })
}

/** Runs `task`; a default bridge that is made meanwhile stays until it ends, so that the steps of a build share one. */
export async function keepingDefaultBridge<T>(engine: EngineContext, task: () => Promise<T>): Promise<T> {
  guests.set(engine, (guests.get(engine) ?? 0) + 1)
  try {
    return await task()
  } finally {
    guests.set(engine, (guests.get(engine) ?? 1) - 1)
    await releaseDefaultBridge(engine)
  }
}
