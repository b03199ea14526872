import { failure } from '../../diagnostics/index.ts'
import { allocateAddress, driverOf, newMacAddress, SYSFS_LINKS } from '../../network/index.ts'
import { networksInUse } from '../groups/kept-network.ts'
import type { Container } from '../state/container.ts'
import type { EndpointRecord } from '../state/container-record.ts'
import type { ContainerTable } from '../state/container-table.ts'
import type { EngineContext } from '../state/context.ts'
import type { NetworkTable } from '../state/network-table.ts'
import { addressesOf, addressOnly, isIPv6 } from '../words/addresses.ts'
import type { JoinedEndpoint } from './joined.ts'

/** What the choice of addresses takes of the engine. */
type AddressContext = Pick<EngineContext, 'containers' | 'networks'>

/** Gives every endpoint its addresses, the ones it had before if they are free. Synchronous: nobody comes between. */
export function assignAddresses(
  engine: AddressContext,
  container: Container,
  joined: readonly JoinedEndpoint[],
): JoinedEndpoint[] {
  const inUse = networksInUse(engine.containers)
  return joined.map(({ record, network }) => {
    const others = [...engine.containers.values()].filter(each => each !== container)
    checkRoom(network, () => others.filter(inUse))
    const used = [...engine.networks.guestsOf(network.id)]
    const avoid: string[] = []
    for (const each of others) addAddresses(inUse(each) ? used : avoid, each, network.id)
    const addressOf = (family: 4 | 6, wanted: string | undefined): string[] => {
      const sticky = record.addresses.map(addressOnly).find(each => each.includes(':') === (family === 6))
      const address = allocateAddress(network.subnets, {
        family,
        used,
        avoid,
        ...(wanted === undefined ? {} : { wanted }),
        ...(sticky === undefined ? {} : { sticky }),
      })
      return address === undefined ? [] : [address]
    }
    const linkLocal = (record.wanted.linkLocal ?? []).map(each => linkLocalOn(network, each))
    const addresses = [...addressOf(4, record.wanted.ipv4), ...addressOf(6, record.wanted.ipv6), ...linkLocal]
    const { kept: before = [], ...rest } = record
    const taken = [...used, ...addresses.map(addressOnly)]
    const kept = before.filter(each => !taken.includes(addressOnly(each)))
    const macAddress = macAddressOf(network, record, addresses)
    return { network, record: { ...rest, addresses, macAddress, ...(kept.length === 0 ? {} : { kept }) } }
  })
}

/** NETWORK_FULL where the others leave no room on the network; Docker tells of the kernel's refusal with this status, too. */
function checkRoom(network: JoinedEndpoint['network'], others: () => readonly Container[]): void {
  const room = driverOf(network).roomOf(network)
  if (room === undefined) return
  const there = others().filter(({ record }) => record.endpoints.some(each => each.networkId === network.id))
  if (there.length < room) return
  throw failure({
    code: 'NETWORK_FULL',
    kind: 'internal',
    summary: `network "${network.name}" has room for ${room === 1 ? 'one container' : `${room} containers`}, and ${there.map(({ name }) => name).join(', ')} is on it`,
    facts: { network: network.name },
    hint: 'in the mode passthru of macvlan a container has the parent to itself: stop that one, or make the network in another mode',
  })
}

/** ADDRESS_INVALID where the network has not its family: the kernel would take it on no interface there. */
function linkLocalOn({ name, subnets }: JoinedEndpoint['network'], address: string): string {
  const isIPv6 = address.includes(':')
  if (!isIPv6 || subnets.some(({ subnet }) => subnet.includes(':'))) return `${address}/${isIPv6 ? 64 : 16}`
  throw failure({
    code: 'ADDRESS_INVALID',
    kind: 'invalidArgument',
    summary: `Can't give the container the address ${address}: network "${name}" has no IPv6`,
    facts: { address, what: 'IPv6' },
  })
}

/** The user's, or one that follows from the address: who takes an address over is reached at once. */
function macAddressOf(
  network: JoinedEndpoint['network'],
  record: EndpointRecord,
  addresses: readonly string[],
): string {
  const [address] = addresses
  const shared = driverOf(network).sharedMac(SYSFS_LINKS, network)
  if (shared !== undefined && (record.wanted.macAddress ?? shared) !== shared) throw noOwnMac(network)
  if (shared !== undefined) return shared
  if (record.wanted.macAddress !== undefined) return record.wanted.macAddress
  return newMacAddress(address === undefined ? undefined : { networkId: record.networkId, address })
}

function noOwnMac({ name, driver }: JoinedEndpoint['network']): Error {
  return failure({
    code: 'MAC_ADDRESS_INVALID',
    kind: 'invalidArgument',
    summary: `containers on network "${name}" have the MAC address of its parent, and none of their own`,
    facts: { network: name, driver },
    hint: 'leave out mac_address',
  })
}

/** Addresses of a network that nobody else may have now. */
export function usedAddresses(engine: AddressContext, networkId: string, except?: Container): string[] {
  const inUse = networksInUse(engine.containers)
  const used = [...engine.networks.guestsOf(networkId)]
  for (const each of engine.containers.values())
    if (each !== except && inUse(each)) addAddresses(used, each, networkId)
  return used
}

/** Adds the addresses of a container on a network, without arrays between: it is done with all containers for each that starts. Fixed ones count though it does not run. */
function addAddresses(to: string[], container: Container, networkId: string): void {
  for (const endpoint of container.record.endpoints) {
    if (endpoint.networkId !== networkId) continue
    for (const address of standing(container, endpoint)) to.push(addressOnly(address))
    for (const address of endpoint.kept ?? []) to.push(addressOnly(address))
    const { ipv4, ipv6 } = endpoint.wanted
    if (ipv4 !== undefined) to.push(ipv4)
    if (ipv6 !== undefined) to.push(ipv6)
  }
}

/** Of one that is about to run: what it has had until now, itself or the one before it, it lets go of where it wants a fixed address. */
function standing(
  { starting, live }: Pick<Container, 'starting' | 'live'>,
  { addresses, wanted }: Pick<EndpointRecord, 'addresses' | 'wanted'>,
): readonly string[] {
  if (!starting || live !== undefined) return addresses
  return addresses.filter(address => (isIPv6(address) ? wanted.ipv6 : wanted.ipv4) === undefined)
}

/** The addresses that containers have now, or that somebody lives on with in their networks, and the networks' gateways. */
export function heldAddresses(containers: ContainerTable, networks: NetworkTable): string[] {
  const inUse = networksInUse(containers)
  return [
    ...[...containers.values()].filter(inUse).flatMap(({ record }) => addressesOf(record.endpoints)),
    ...networks.values().flatMap(({ subnets }) => subnets.flatMap(({ gateway }) => gateway || [])),
  ]
}

/** Whether the host's rules have something of the container's own: ports that it publishes, or that it reaches the host. */
export function isInHostRules({ published, terms }: Container): boolean {
  return published.length > 0 || terms.network.hostAccess === true
}

/** The addresses from which a container reaches the host now where others on its networks do not: of one that may. */
export function hostAccessOf({ holdsAddresses, terms, record }: Container): string[] {
  return holdsAddresses && terms.network.hostAccess === true ? addressesOf(record.endpoints) : []
}
