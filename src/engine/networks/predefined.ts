import type { NetworkRecord } from '../state/network-record.ts'

/** Networks that every engine has; `default` is another name of `bridge`. */
const PREDEFINED = ['bridge', 'host', 'none', 'default'] as const

/** The two that stand for nothing but a mode of a container: the same in every engine, and on no disk. */
export const HOST_NETWORK: NetworkRecord = mode('host', 'host', '1')
export const NONE_NETWORK: NetworkRecord = mode('none', 'null', '0')

function mode(name: string, driver: string, digit: string): NetworkRecord {
  return {
    version: 1,
    id: digit.repeat(64),
    name,
    driver,
    created: '1970-01-01T00:00:00Z',
    labels: {},
    options: {},
    attachable: false,
    internal: false,
    enableIPv4: true,
    enableIPv6: false,
    ipam: {},
    subnets: [],
  }
}

/** Which of the two a name or an id means. */
export function findMode(reference: string): NetworkRecord | undefined {
  return [HOST_NETWORK, NONE_NETWORK].find(({ id, name }) => reference === id || reference === name)
}

export function isPredefined(name: string): boolean {
  return (PREDEFINED as readonly string[]).includes(name)
}

/** The default bridge, which comes and goes: each time it has another id, and none while it is not there. */
export const DEFAULT_BRIDGE: Pick<NetworkRecord, 'id' | 'name' | 'driver'> = {
  id: '',
  name: 'bridge',
  driver: 'bridge',
}

/** Whether this is the default bridge, where names do not resolve and aliases mean nothing, as with Docker. */
export function isDefaultBridge(network: Pick<NetworkRecord, 'name'>): boolean {
  return network.name === DEFAULT_BRIDGE.name
}

/** The key of the lock under which the network is made, comes to be used, and is removed. */
export function networkKey(network: Pick<NetworkRecord, 'id' | 'name'>): string {
  return isDefaultBridge(network) ? 'network:bridge' : `network:${network.id}`
}
