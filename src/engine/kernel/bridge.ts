import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf } from '../../diagnostics/index.ts'
import { bridgeName, ensureBridge, ensureForwarding, removeBridgeOps } from '../../network/index.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'

/** Whether the kernel has the network's bridge. One stat, so that every start can afford to look. */
function bridgeExists(network: Pick<NetworkRecord, 'id' | 'bridgeName'>): boolean {
  return existsSync(`/sys/class/net/${bridgeName(network)}`)
}

/**
 * Makes the bridge, with addresses and up, where it is missing; forwarding is switched on with it. The caller has the
 * network's lock: nobody else makes it, or removes it, meanwhile.
 */
export async function repairBridge(engine: EngineContext, network: NetworkRecord): Promise<void> {
  if (bridgeExists(network)) return
  await ensureForwarding({ ipv6: network.enableIPv6 })
  await ensureBridge(engine.native, network)
}

/** How long veth pairs of containers that have ended are waited for, and how often they are looked at, in milliseconds. */
const VETH_PATIENCE = 2_000
const VETH_POLL = 2

/**
 * Removes the bridge; none is fine. Resolves when the veth pairs that led to it have gone, too: the kernel takes them along
 * with their containers' namespaces, in its own time.
 */
export async function removeBridge(engine: EngineContext, network: NetworkRecord): Promise<void> {
  if (!bridgeExists(network)) return
  const ports = portsOf(network)
  await engine.native.run({ setup: removeBridgeOps(network) })
  const end = performance.now() + VETH_PATIENCE
  while (ports.some(linkExists) && performance.now() < end) await sleep(VETH_POLL)
}

/** Links that are enslaved to the bridge: outer ends of ours, which go with their containers. */
function portsOf(network: NetworkRecord): readonly string[] {
  try {
    return readdirSync(`/sys/class/net/${bridgeName(network)}/brif`).filter(name => name.startsWith('tv'))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

function linkExists(name: string): boolean {
  return existsSync(`/sys/class/net/${name}`)
}
