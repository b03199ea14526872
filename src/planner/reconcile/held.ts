import { hasOwnNetwork, isSameHostAddress, type Port, type Service } from '../../model/index.ts'
import { parsePortRange } from '../../notation/index.ts'
import type { ObservedContainer, ObservedPort } from '../observed/observed.ts'
import type { NetworkDecision } from './networks.ts'

interface HeldPort extends ObservedPort {
  readonly holder: ObservedContainer
}

/** What containers have that one can have at a time: ports of the host and addresses of networks. */
export interface Held {
  /** By protocol and number. */
  readonly ports: ReadonlyMap<string, readonly HeldPort[]>
  /** By network and address. */
  readonly addresses: ReadonlyMap<string, readonly ObservedContainer[]>
}

/** What these have while they run. */
export function heldBy(containers: readonly ObservedContainer[]): Held {
  const ports = new Map<string, HeldPort[]>()
  const addresses = new Map<string, ObservedContainer[]>()
  for (const holder of containers) {
    for (const port of holder.ports) add(ports, `${port.protocol} ${port.number}`, { ...port, holder })
    for (const { name, addresses: all } of holder.networks)
      for (const address of all) add(addresses, addressKey(name, address), holder)
  }
  return { ports, addresses }
}

function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [value])
  else list.push(value)
}

/** Who has what a container of the service wants to have. */
export function holdersOf(
  service: Service,
  networks: ReadonlyMap<string, NetworkDecision>,
  held: Held,
): ReadonlySet<ObservedContainer> {
  if (!hasOwnNetwork(service)) return new Set()
  const fixed = Object.entries(service.networks ?? {}).flatMap(([key, attachment]) =>
    [attachment?.ipv4_address, attachment?.ipv6_address].flatMap(address =>
      address === undefined
        ? []
        : (held.addresses.get(addressKey(networks.get(key)?.name ?? '', address)) ?? []),
    ),
  )
  return new Set([...portHoldersOf(service, held), ...fixed])
}

/** Who has ports of the host that a container of the service wants to have. */
export function portHoldersOf(service: Service, held: Held): ReadonlySet<ObservedContainer> {
  if (!hasOwnNetwork(service)) return new Set()
  return new Set((service.ports ?? []).flatMap(port => holdersOfPort(port, held)))
}

/** Who has the port, of a range each: which one is free is the engine's choice. */
export function holdersOfPort(
  { published, protocol = 'tcp', host_ip: address }: Port,
  { ports }: Held,
): ObservedContainer[] {
  const range = published === undefined ? undefined : parsePortRange(published)
  if (range === undefined) return []
  const length = range.to - range.from + 1
  const there =
    length > ports.size
      ? [...ports.values()].flat().filter(({ number }) => number >= range.from && number <= range.to)
      : Array.from({ length }, (_, at) => ports.get(`${protocol} ${range.from + at}`) ?? []).flat()
  return there
    .filter(held => held.protocol === protocol && isSameHostAddress(held.hostIp || undefined, address))
    .map(({ holder }) => holder)
}

/** Addresses of IPv6 are told apart by their hex digits; what is written otherwise than the engine says it is told by it alone. */
function addressKey(network: string, address: string): string {
  return `${network} ${address.toLowerCase()}`
}
