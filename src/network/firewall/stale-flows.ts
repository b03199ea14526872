import type { FlowMatch, FlowPlace } from '../../native/index.ts'
import { type Address, addressBytes, bitsOf, parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import type { PublishedTarget } from '../ports/published.ts'
import type { FirewallState } from './firewall-state.ts'
import { PROTOCOL, translatedPlaces } from './published-sets.ts'

/**
 * The flows that a change of published ports has made untrue. Where a flow goes is decided by its first packet, so whoever goes on sending
 * would reach who had the port then, or nobody where a port is published that he has asked before. Of the flows of ports
 * that have gone, of any protocol, as by Docker; of ports that have come, those of UDP: a connection
 * begins anew by itself. Those of ports that are drained stay. `before` is unknown to an engine that has just started: all flows to containers are looked at then.
 */
export function staleFlows(
  before: readonly PublishedTarget[] | 'unknown',
  { published, draining = [], networks }: Pick<FirewallState, 'published' | 'draining' | 'networks'>,
): FlowMatch[] {
  const kept = [...published, ...draining]
  const { come, gone } = changeOf(before === 'unknown' ? [] : before, kept)
  const dropped = [
    ...(before === 'unknown' ? networks.flatMap(({ subnets }) => subnets.flatMap(intoSubnet)) : []),
    ...gone.flatMap(ledTo),
    ...come.flatMap(port => (port.protocol === 'udp' ? askedOf(port) : [])),
  ]
  if (dropped.length === 0) return []
  return [...dropped, ...kept.flatMap(ledTo).map(match => ({ ...match, keeps: true as const }))]
}

/**
 * The flows of containers' addresses that nobody has any more: who gets one next would hear what is still sent to the one before. `left`:
 * addresses that were given up; unknown to an engine that has just started, which looks for all of the networks' that are not among `held`.
 */
export function flowsOfNobody(
  left: Iterable<string> | 'unknown',
  held: readonly string[],
  { networks }: Pick<FirewallState, 'networks'>,
): FlowMatch[] {
  if (left === 'unknown') {
    const all = networks.flatMap(({ subnets }) => subnets.flatMap(subnet => fromPlaces(subnetPlace(subnet))))
    const kept = held.flatMap(address => fromPlaces(addressPlace(address)))
    return all.length === 0 ? [] : [...all, ...kept.map(match => ({ ...match, keeps: true as const }))]
  }
  const taken = new Set(held)
  return [...left]
    .filter(address => !taken.has(address))
    .flatMap(address => fromPlaces(addressPlace(address)))
}

interface Place {
  readonly family: Address['family']
  readonly target: FlowPlace
}

const fromPlaces = (place: Place | undefined): FlowMatch[] =>
  place === undefined ? [] : [{ ...place, when: ['fromTarget'] }]

function addressPlace(text: string): Place | undefined {
  const address = parseAddress(text)
  return address && { family: address.family, target: placeOf(address) }
}

function subnetPlace(text: string): Place | undefined {
  const prefix = parsePrefix(text)
  if (prefix === undefined) return undefined
  const { family, base, length } = prefix
  return { family, target: { bytes: addressBytes({ family, value: base }), bits: length } }
}

/** Whether ports of UDP are among the change; not where nothing is known. */
export function haveChangedUdp(
  before: readonly PublishedTarget[] | 'unknown',
  { published, draining = [] }: Pick<FirewallState, 'published' | 'draining'>,
): boolean {
  if (before === 'unknown' || before === published) return false
  const { come, gone } = changeOf(before, [...published, ...draining])
  return [...come, ...gone].some(({ protocol }) => protocol === 'udp')
}

interface PortChange {
  readonly come: readonly PublishedTarget[]
  readonly gone: readonly PublishedTarget[]
}

function changeOf(before: readonly PublishedTarget[], after: readonly PublishedTarget[]): PortChange {
  const [old, now] = [byWords(before), byWords(after)]
  return {
    come: [...now].filter(([words]) => !old.has(words)).map(([, port]) => port),
    gone: [...old].filter(([words]) => !now.has(words)).map(([, port]) => port),
  }
}

function byWords(ports: readonly PublishedTarget[]): Map<string, PublishedTarget> {
  return new Map(
    ports
      .filter(port => translatedPlaces(port) !== undefined)
      .map(port => [
        [port.protocol, port.hostIp, port.hostPort, port.count, port.targetIp, port.containerPort].join(' '),
        port,
      ]),
  )
}

/** Flows that have come by this port to where it leads. */
function ledTo(port: PublishedTarget): FlowMatch[] {
  const places = translatedPlaces(port)
  if (places === undefined) return []
  return [
    {
      ...portsOf(port, places.host),
      when: ['translated', 'shifted'],
      shift: port.containerPort - port.hostPort,
      target: placeOf(places.target),
    },
  ]
}

/** Flows of clients of this port, wherever they go: a flow that leaves through this host for a port of that number is none. */
function askedOf(port: PublishedTarget): FlowMatch[] {
  const places = translatedPlaces(port)
  return places === undefined ? [] : [{ ...portsOf(port, places.host), when: ['ofClient'] }]
}

function intoSubnet(text: string): FlowMatch[] {
  const place = subnetPlace(text)
  return place === undefined ? [] : [{ ...place, when: ['translated'] }]
}

function portsOf(
  { protocol, hostPort, count }: PublishedTarget,
  host: Address,
): Pick<FlowMatch, 'family' | 'protocol' | 'ports' | 'host'> {
  return {
    family: host.family,
    protocol: PROTOCOL[protocol],
    ports: [hostPort, hostPort + count - 1],
    ...(host.value === 0n ? {} : { host: placeOf(host) }),
  }
}

function placeOf(address: Address): FlowPlace {
  return { bytes: addressBytes(address), bits: bitsOf(address.family) }
}
