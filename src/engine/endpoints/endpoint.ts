import type { EndpointSettings, NetworkingConfig } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { defaultBridgeName } from '../networks/default-bridge.ts'
import { isDefaultBridge } from '../networks/predefined.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkRecord } from '../state/network-record.ts'
import { joining } from '../terms/joined.ts'
import type { NetworkMode, NetworkTerms } from '../terms/network.ts'
import { newId } from '../words/ids.ts'
import { checkedMac, checkOwnSubnet, checkSettings, interfaceTaken, interfaceWanted } from './settings.ts'

/** A network that is joined; of one that is made when it is first used no more is known than its name. */
type Joined = Pick<NetworkRecord, 'id' | 'name'> & { readonly ipam?: NetworkRecord['ipam'] }

const NO_SETTINGS: EndpointSettings = {}

/** The endpoints that a create asks for, the one of the network mode first. NETWORK_NOT_FOUND, NETWORK_MODE. */
export function decideEndpoints(
  engine: Pick<EngineContext, 'containers' | 'networks'>,
  { mode, macAddress }: NetworkTerms,
  networking: NetworkingConfig | undefined,
): EndpointRecord[] {
  const wanted = Object.entries(networking?.EndpointsConfig ?? {})
  if (mode.kind !== 'network') {
    if (mode.kind === 'container') engine.containers.resolve(mode.reference, 'joined')
    const isAddressed = ({ IPAMConfig }: EndpointSettings): boolean =>
      Object.values(IPAMConfig ?? {}).some(value => (value ?? '').length > 0)
    if (wanted.some(([name, settings]) => name !== mode.kind || isAddressed(settings)))
      throw modeConflict(mode)
    return []
  }
  const primary = wanted.find(([name]) => isNetwork(engine, name, mode.network))
  const ordered =
    wanted.length === 0
      ? [[mode.network, NO_SETTINGS] as const]
      : primary === undefined
        ? wanted
        : [primary, ...wanted.filter(each => each !== primary)]
  const endpoints: EndpointRecord[] = []
  const named = ordered.flatMap(([, settings]) => interfaceWanted(settings) ?? [])
  for (const [index, [name, settings]] of ordered.entries()) {
    const network = networkOf(engine, name)
    const mac = settings.MacAddress || (index === 0 ? macAddress : undefined)
    endpoints.push(newEndpoint(network, { ...settings, MacAddress: mac }, endpoints, { named }))
  }
  return endpoints
}

interface NewEndpointOptions {
  /** Of the container, where it has one. */
  readonly name?: string
  /** Interface names that are asked for, here or by endpoints that come after: no other gets them. */
  readonly named?: readonly string[]
}

/**
 * A new endpoint on `network`, beside those that the container has. ENDPOINT_EXISTS when it is joined already; INTERFACE_NAME,
 * ADDRESS_INVALID, ADDRESS_SUBNET_CHOSEN and MAC_ADDRESS_INVALID for settings that no endpoint can have.
 */
export function newEndpoint(
  network: Joined,
  settings: EndpointSettings,
  others: readonly EndpointRecord[],
  { name = '', named = [] }: NewEndpointOptions = {},
): EndpointRecord {
  if (others.some(endpoint => isEndpointOn(endpoint, network))) {
    throw failure({
      code: 'ENDPOINT_EXISTS',
      kind: 'conflict',
      summary: `endpoint already exists in network ${network.name}`,
      facts: { network: network.name, name },
    })
  }
  checkSettings(settings)
  if (isDefaultBridge(network)) checkForBridge(settings)
  else if (network.ipam !== undefined) checkOwnSubnet({ name: network.name, ipam: network.ipam }, settings)
  const { IPv4Address, IPv6Address, LinkLocalIPs } = settings.IPAMConfig ?? {}
  const mac = checkedMac(settings)
  return {
    networkId: network.id,
    networkName: network.name,
    endpointId: newId(),
    interfaceName: interfaceNameFor(settings, others, named),
    macAddress: mac ?? '',
    addresses: [],
    aliases: [...new Set(settings.Aliases ?? [])],
    ...(settings.Links === undefined || settings.Links.length === 0 ? {} : { links: settings.Links }),
    gwPriority: settings.GwPriority ?? 0,
    driverOpts: settings.DriverOpts ?? {},
    wanted: {
      ...(IPv4Address ? { ipv4: IPv4Address } : {}),
      ...(IPv6Address ? { ipv6: IPv6Address } : {}),
      ...(LinkLocalIPs !== undefined && LinkLocalIPs.length > 0 ? { linkLocal: LinkLocalIPs } : {}),
      ...(mac === undefined ? {} : { macAddress: mac }),
    },
  }
}

/** Whether the endpoint is on this network; the default bridge may have come anew since, with another id. */
export function isEndpointOn(endpoint: EndpointRecord, network: Pick<NetworkRecord, 'id' | 'name'>): boolean {
  return isDefaultBridge(network) ? endpoint.networkName === network.name : endpoint.networkId === network.id
}

function interfaceNameFor(
  settings: EndpointSettings,
  others: readonly EndpointRecord[],
  named: readonly string[],
): string {
  const wanted = interfaceWanted(settings)
  const taken = others.map(endpoint => endpoint.interfaceName)
  if (wanted === undefined) {
    const free = (name: string): boolean => !taken.includes(name) && !named.includes(name)
    for (let number = 0; ; number++) if (free(`eth${number}`)) return `eth${number}`
  }
  if (!taken.includes(wanted)) return wanted
  throw interfaceTaken(wanted)
}

function networkOf(engine: Pick<EngineContext, 'containers' | 'networks'>, reference: string): Joined {
  return reference === 'bridge' || reference === 'default'
    ? defaultBridgeName(engine)
    : engine.networks.resolve(reference)
}

function isNetwork(
  engine: Pick<EngineContext, 'containers' | 'networks'>,
  name: string,
  mode: string,
): boolean {
  if (name === mode) return true
  const network = engine.networks.find(name) ?? engine.networks.findByName(name)
  return network !== undefined && (network.id === mode || network.name === mode)
}

/** On the default bridge nobody has names, and addresses are the engine's choice, as with Docker. NETWORK_MODE. */
function checkForBridge({ Aliases, IPAMConfig }: EndpointSettings): void {
  const wrong = (option: string, what: string): Error =>
    failure({
      code: 'NETWORK_MODE',
      kind: 'invalidArgument',
      summary: `${what} are for networks that somebody made, not for the default bridge`,
      facts: { option, mode: 'bridge' },
    })
  if (IPAMConfig?.IPv4Address || IPAMConfig?.IPv6Address) throw wrong('address', 'fixed addresses')
  if ((Aliases ?? []).length > 0) throw wrong('alias', 'aliases')
}

function modeConflict(mode: NetworkMode): Error {
  const text = mode.kind === 'container' ? joining(mode.reference) : mode.kind
  return failure({
    code: 'NETWORK_MODE',
    kind: 'invalidArgument',
    summary: `conflicting options: networks cannot be joined, nor addresses chosen, with network mode "${text}"`,
    facts: { option: 'endpoints', mode: mode.kind },
  })
}
