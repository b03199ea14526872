import { failure } from '../../diagnostics/index.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { makeDefaultBridge } from './default-bridge.ts'
import { isDefaultBridge, networkKey } from './predefined.ts'
import { setupNetwork } from './standing.ts'

/** A network as an endpoint names it. */
type NetworkName = Pick<NetworkRecord, 'id' | 'name'>

/**
 * Runs `claim`, which records that the network is used, while it stands on the host and nobody removes it: a removal that came
 * first is waited for, one that comes later finds the use. The default bridge is made where there is none.
 * NETWORK_NOT_FOUND.
 */
export function claimNetwork<T>(
  engine: EngineContext,
  wanted: NetworkName,
  claim: (network: NetworkRecord) => T,
): Promise<T> {
  return engine.locks.run(networkKey(wanted), async () => {
    const network = await standingNetwork(engine, wanted)
    await setupNetwork(engine, network)
    return claim(network)
  })
}

/** The default bridge comes and goes, so it is found by its name. */
async function standingNetwork(engine: EngineContext, wanted: NetworkName): Promise<NetworkRecord> {
  if (isDefaultBridge(wanted)) {
    return engine.networks.findByName(wanted.name) ?? (await makeDefaultBridge(engine))
  }
  const network = engine.networks.find(wanted.id)
  if (network !== undefined) return network
  throw failure({
    code: 'NETWORK_NOT_FOUND',
    kind: 'notFound',
    summary: `network ${wanted.name} (${wanted.id.slice(0, 12)}) not found`,
    hint: 'the network was removed since: create the container anew',
  })
}

/** Makes what the kernel has lost of any network. */
export async function repairNetworks(engine: EngineContext): Promise<void> {
  await Promise.all(
    engine.networks.values().map(network =>
      engine.locks.run(networkKey(network), async () => {
        if (engine.networks.find(network.id) !== undefined) await setupNetwork(engine, network)
      }),
    ),
  )
}
