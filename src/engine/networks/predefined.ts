import type { NetworkRecord } from '../state/network-record.ts'

/** Networks that every engine has; `default` is another name of `bridge`. */
const PREDEFINED = ['bridge', 'host', 'none', 'default'] as const

/** Ids of the two that are no bridge, the same in every engine: they stand for nothing but a mode. */
export const HOST_NETWORK_ID: string = '1'.repeat(64)
export const NONE_NETWORK_ID: string = '0'.repeat(64)

export function isPredefined(name: string): boolean {
  return (PREDEFINED as readonly string[]).includes(name)
}

/** The default bridge, which comes and goes: each time it has another id, and none while it is not there. */
export const DEFAULT_BRIDGE: Pick<NetworkRecord, 'id' | 'name'> = { id: '', name: 'bridge' }

/** Whether this is the default bridge, where names do not resolve and aliases mean nothing, as with Docker. */
export function isDefaultBridge(network: Pick<NetworkRecord, 'name'>): boolean {
  return network.name === DEFAULT_BRIDGE.name
}

/** The key of the lock under which the network is made, comes to be used, and is removed. */
export function networkKey(network: Pick<NetworkRecord, 'id' | 'name'>): string {
  return isDefaultBridge(network) ? 'network:bridge' : `network:${network.id}`
}
