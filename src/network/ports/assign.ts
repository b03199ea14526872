import { Failure, failure } from '../../diagnostics/index.ts'
import { parseAddress } from '../ip/address.ts'
import { type PortWorld, WORLD, withLists } from './port-world.ts'
import type { Protocol, PublishedPort } from './published.ts'

/** What is asked for: a container's port, before a host port is decided. */
export interface PortRequest {
  readonly protocol: Protocol
  readonly containerPort: number
  /** One address, or both `0.0.0.0` and `::` when none was given: the same port on both. */
  readonly hostIps: readonly string[]
  /** First and last port to try; undefined = any free port of the kernel's ephemeral range. */
  readonly range?: { readonly from: number; readonly to: number }
}

/** A host port that another container of this engine has. */
export interface HeldPort extends PublishedPort {
  /** The container's name, for the message. */
  readonly holder: string
}

/** So many refusals of one container are told: each takes a look through all processes for the holder. */
const TOLD = 20

/** How often a random port is drawn until it is free in both families. */
const RANDOM_TRIES = 16

/**
 * Decides the host ports: fixed ones as asked, of a range the first free one, random ones by the kernel. Where a
 * request stands for both families and the machine has no IPv6, IPv4 is all there is. Failures PORT_IN_USE, naming who
 * holds it, HOST_ADDRESS_UNAVAILABLE and PROTOCOL_UNAVAILABLE. Nothing is kept bound: the monitor binds, and its failure is the last word.
 */
export async function assignPorts(
  requests: readonly PortRequest[],
  held: readonly HeldPort[],
  world: PortWorld = WORLD,
): Promise<PublishedPort[]> {
  const taken = takenBy(held)
  const quick = await withLists(requests, world)
  const assigned: PublishedPort[] = []
  for (const request of inOrder(requests)) {
    const ports = await assign(request, taken, quick)
    for (const port of ports) take(taken, { ...port, holder: 'this container' })
    assigned.push(...ports)
  }
  return assigned
}

/** What `assignPorts` would fail with, of each request by itself; the first twenty. */
export async function refusedPorts(
  requests: readonly PortRequest[],
  held: readonly HeldPort[],
  world: PortWorld = WORLD,
): Promise<Failure[]> {
  const taken = takenBy(held)
  const quick = await withLists(requests, world)
  const refused: Failure[] = []
  for (const request of requests)
    try {
      await assign(request, taken, quick)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      refused.push(error)
      if (refused.length === TOLD) break
    }
  return refused
}

async function assign(
  request: PortRequest,
  taken: TakenPorts,
  world: PortWorld,
): Promise<readonly PublishedPort[]> {
  if (request.protocol === 'sctp' && !world.hasSctp()) throw noSctp(request)
  return request.range === undefined
    ? assignRandom(request, taken, world)
    : assignFromRange(request, request.range, taken, world)
}

/** Ports that others have, by protocol and number: there may be thousands. */
type TakenPorts = Map<string, HeldPort[]>

function takenBy(held: readonly HeldPort[]): TakenPorts {
  const taken: TakenPorts = new Map()
  for (const port of held) take(taken, port)
  return taken
}

function take(taken: TakenPorts, port: HeldPort): void {
  const key = `${port.protocol} ${port.hostPort}`
  taken.set(key, [...(taken.get(key) ?? []), port])
}

/** Narrow wishes first: a range must not take the port that another request names. */
function inOrder(requests: readonly PortRequest[]): PortRequest[] {
  const width = ({ range }: PortRequest): number => (range ? range.to - range.from : 65536)
  return [...requests].sort((a, b) => width(a) - width(b))
}

async function assignFromRange(
  request: PortRequest,
  range: { readonly from: number; readonly to: number },
  taken: TakenPorts,
  world: PortWorld,
): Promise<PublishedPort[]> {
  let held: HeldPort | undefined
  for (let port = range.from; port <= range.to; port++) {
    const own = holderOf(request, port, taken)
    const ports = own === undefined ? await tryPort(request, port, world) : undefined
    if (ports) return ports
    held ??= own
  }
  const text = range.from === range.to ? `${range.from}` : `${range.from}-${range.to}`
  const holder = held ? `container "${held.holder}"` : await world.findHolder(request.protocol, range.from)
  throw portInUse(request, text, holder, held?.hostIp)
}

async function assignRandom(
  request: PortRequest,
  taken: TakenPorts,
  world: PortWorld,
): Promise<PublishedPort[]> {
  const [first = '0.0.0.0'] = request.hostIps
  for (let attempt = 0; attempt < RANDOM_TRIES; attempt++) {
    const drawn = await world.probe(request.protocol, first, 0)
    if (drawn.kind === 'noAddress') throw noAddress(request, first, 0)
    if (drawn.kind === 'taken' || holderOf(request, drawn.port, taken) !== undefined) continue
    const ports = await tryPort(request, drawn.port, world)
    if (ports) return ports
  }
  throw portInUse(request, 'any', undefined)
}

/** The port on all addresses of the request, or undefined when it is taken on one of them. */
async function tryPort(
  request: PortRequest,
  port: number,
  world: PortWorld,
): Promise<PublishedPort[] | undefined> {
  const found: PublishedPort[] = []
  for (const hostIp of request.hostIps) {
    const result = await world.probe(request.protocol, hostIp, port)
    if (result.kind === 'taken') return undefined
    if (result.kind === 'bound')
      found.push({ protocol: request.protocol, hostIp, hostPort: port, containerPort: request.containerPort })
    else if (request.hostIps.length === 1) throw noAddress(request, hostIp, port)
  }
  return found
}

function holderOf(request: PortRequest, port: number, taken: TakenPorts): HeldPort | undefined {
  const others = taken.get(`${request.protocol} ${port}`)
  return others?.find(other => request.hostIps.some(ip => collide(ip, other.hostIp)))
}

/** Same family, and equal or one of them everywhere: two listeners can't have it. */
function collide(a: string, b: string): boolean {
  if (parseAddress(a)?.family !== parseAddress(b)?.family) return false
  return a === b || isEverywhere(a) || isEverywhere(b)
}

function isEverywhere(ip: string): boolean {
  return ip === '0.0.0.0' || ip === '::'
}

/** `address`: the one that the holder has, where that is known. */
function portInUse(
  request: PortRequest,
  port: string,
  holder: string | undefined,
  address = request.hostIps[0] ?? '',
): Failure {
  const where = request.hostIps.length === 1 ? ` on ${request.hostIps[0]}` : ''
  return failure({
    code: 'PORT_IN_USE',
    kind: 'conflict',
    summary: `Host port ${port}/${request.protocol}${where} is already in use${holder ? ` by ${holder}` : ''}`,
    facts: { address, port },
    hint: 'Stop what uses it, or publish another host port',
  })
}

function noSctp({ protocol, containerPort }: PortRequest): Failure {
  return failure({
    code: 'PROTOCOL_UNAVAILABLE',
    kind: 'unavailable',
    summary: "Can't publish a port by SCTP: protocol not supported by this kernel",
    facts: { target: `${containerPort}/${protocol}` },
    hint: "Load the kernel's module sctp",
  })
}

function noAddress({ protocol, containerPort }: PortRequest, hostIp: string, port: number): Failure {
  return failure({
    code: 'HOST_ADDRESS_UNAVAILABLE',
    kind: 'invalidArgument',
    summary: `Can't publish on "${hostIp}": the host doesn't have this address`,
    facts: { address: hostIp, port: `${port}`, target: `${containerPort}/${protocol}` },
  })
}
