import { existsSync } from 'node:fs'
import { bridgeName, ensureBridge, ensureForwarding, removeBridgeOps } from '../../network/index.ts'
import type { EngineContext } from '../context.ts'
import type { NetworkRecord } from '../records/network-record.ts'

/** Whether the kernel has the network's bridge. One stat, so that every start can afford to look. */
export function bridgeExists(network: Pick<NetworkRecord, 'id' | 'bridgeName'>): boolean {
  return existsSync(`/sys/class/net/${bridgeName(network)}`)
}

/** Makes the bridge, with addresses and up, where it is missing; forwarding is switched on with it. */
export async function repairBridge(engine: EngineContext, network: NetworkRecord): Promise<void> {
  if (bridgeExists(network)) return
  await engine.locks.run(`bridge:${network.id}`, async () => {
    if (bridgeExists(network)) return
    await ensureForwarding({ ipv6: network.enableIPv6 })
    await ensureBridge(engine.native, network)
  })
}

/** Removes the bridge; none is fine. */
export async function removeBridge(engine: EngineContext, network: NetworkRecord): Promise<void> {
  if (bridgeExists(network)) await engine.native.run({ setup: removeBridgeOps(network) })
}
