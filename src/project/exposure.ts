import { networkInterfaces } from 'node:os'
import type { PortSummary } from '../api/types/index.ts'
import { hasOwnNetwork, type Network, type Service } from '../model/index.ts'
import type { Plan } from '../planner/index.ts'
import { look } from './look.ts'
import { ps } from './ps.ts'
import { environmentOf, type Target } from './target.ts'

/**
 * Who reaches a port: programs of this machine alone (`machine`), whom the machine's rules for INPUT let through besides (`input`), or
 * all who reach the address, whatever those rules say (`all`); whom they let through wherever the container listens (`listening`), as it is in the machine's network;
 * nobody (`none`) where there is no port.
 */
export type Reach = 'machine' | 'input' | 'all' | 'listening' | 'none'

/** One published port of the project's, or several that follow each other; or a container that publishes none, and is held to its egress, or in the machine's network. */
export interface Exposure {
  readonly service: string
  readonly container: string
  /** `0.0.0.0` and `::` are all addresses of the family. */
  readonly address: string
  /** `8080`, `20000-29999`, or nothing for one that the engine picks. */
  readonly port: string
  /** `80/tcp` of the container. */
  readonly target: string
  /** The interface that has the address; `*` for all, empty where the address is not this machine's. */
  readonly interface: string
  readonly reach: Reach
  /** Where the container may go beside its own networks; absent where it goes wherever these lead. */
  readonly egress?: readonly string[]
}

/** What the project's running containers publish, who reaches it, and where those go that are held. Errors as of `ps`. */
export async function exposure(
  target: Target,
  services: readonly string[] = [],
): Promise<readonly Exposure[]> {
  const running = await ps(target, { services })
  return look(environmentOf(target), 'running', async docker => {
    const found = running.map(async ({ id, name, service, ports }) => {
      const { HostConfig, NetworkSettings } = await docker.getContainer(id).inspect()
      const isProxied = HostConfig.TscomposePublish === 'proxy'
      // What comes by IPv6 for a container that has none is led there by a listening socket.
      const hasIpv6 = Object.values(NetworkSettings.Networks).some(each => each.GlobalIPv6Address)
      const who = whoIs(service, name, HostConfig.TscomposeEgress ?? undefined)
      if (HostConfig.NetworkMode === 'host') return [listening(who)]
      return rowsOf(who, placesOf(ports), ({ address }) => isProxied || (address.includes(':') && !hasIpv6))
    })
    return (await Promise.all(found)).flat()
  })
}

/** What containers will publish that the plan makes or adapts, and where they may go, on networks of the file that it was made of. */
export function plannedExposure(
  plan: Plan,
  networks: Readonly<Record<string, Network>>,
): readonly Exposure[] {
  const rows = plan.operations.flatMap((operation): [string, readonly Exposure[]][] => {
    if (operation.type !== 'createContainer' && operation.type !== 'adaptContainer') return []
    const { serviceName, service, resource } = operation
    const isProxied = service['x-tscompose']?.publish === 'proxy'
    const who = whoIs(serviceName, resource.name, service['x-tscompose']?.egress)
    if (service.network_mode === 'host') return [[resource.name, [listening(who)]]]
    const ways = waysTo(service, networks)
    const places = wantedPlaces(service).filter(
      ({ address }) => ways.ipv4 || (address.includes(':') && ways.ipv6),
    )
    const isListened = ({ address }: Place): boolean => isProxied || (address.includes(':') && !ways.ipv6)
    return [[resource.name, rowsOf(who, places, isListened)]]
  })
  // One that gives up ports before it gets others has the latter in the end.
  return [...new Map(rows).values()].flat()
}

type Who = Pick<Exposure, 'service' | 'container' | 'egress'>

function whoIs(service: string, container: string, egress: readonly string[] | undefined): Who {
  return { service, container, ...(egress === undefined ? {} : { egress }) }
}

function rowsOf(who: Who, places: readonly Place[], isListened: (place: Place) => boolean): Exposure[] {
  if (places.length > 0) return places.map(place => exposed(who, place, isListened(place)))
  return who.egress === undefined ? [] : [{ ...who, ...NO_PLACE, interface: '', reach: 'none' }]
}

/** Of a container in the machine's network: what it listens on is its own affair. */
function listening(who: Who): Exposure {
  return { ...who, ...NO_PLACE, interface: '*', reach: 'listening' }
}

const NO_PLACE = { address: '', port: '', target: '' }

/** By which families a service's published ports lead to it. What an external network has is not in the file: both. */
function waysTo(
  { networks: attachments = {}, network_mode: mode }: Service,
  networks: Readonly<Record<string, Network>>,
): { readonly ipv4: boolean; readonly ipv6: boolean } {
  // The default bridge.
  if (mode !== undefined) return { ipv4: true, ipv6: false }
  const outward = Object.keys(attachments)
    .flatMap(key => networks[key] ?? [])
    .filter(({ internal, driver = '' }) => internal !== true && BRIDGES.has(driver))
  return {
    ipv4: outward.some(({ enable_ipv4 }) => enable_ipv4 !== false),
    ipv6: outward.some(({ external, enable_ipv6 }) => external === true || enable_ipv6 === true),
  }
}

/** Drivers of networks that ports are published from. */
const BRIDGES: ReadonlySet<string> = new Set(['', 'bridge', 'default'])

type Place = Pick<Exposure, 'address' | 'port' | 'target'>

function wantedPlaces(service: Service): Place[] {
  if (!hasOwnNetwork(service)) return []
  const fixed: PortSummary[] = []
  const others: Place[] = []
  for (const { target, published = '', protocol = 'tcp', host_ip } of service.ports ?? [])
    for (const address of host_ip === undefined ? ['0.0.0.0', '::'] : [host_ip])
      if (/^\d+$/.test(published) && Number(published) > 0)
        fixed.push({
          IP: address,
          PrivatePort: target,
          PublicPort: Number(published),
          Type: protocol as PortSummary['Type'],
        })
      else others.push({ address, port: published === '0' ? '' : published, target: `${target}/${protocol}` })
  return [...placesOf(fixed), ...others]
}

/** Ports that follow each other and lead to such are one place. */
export function placesOf(ports: readonly PortSummary[]): Place[] {
  const sorted = ports
    .flatMap(({ IP, PrivatePort, PublicPort, Type }) =>
      IP === undefined || PublicPort === undefined
        ? []
        : [{ address: IP, from: PublicPort, target: PrivatePort, Type }],
    )
    .sort((a, b) => compare(a.address, b.address) || compare(a.Type, b.Type) || a.from - b.from)
  const ranges: { first: (typeof sorted)[number]; count: number }[] = []
  for (const port of sorted) {
    const last = ranges.at(-1)
    if (last !== undefined && continues(last.first, last.count, port)) last.count++
    else ranges.push({ first: port, count: 1 })
  }
  return ranges.map(({ first: { address, from, target, Type }, count }) => ({
    address,
    port: rangeText(from, count),
    target: `${rangeText(target, count)}/${Type}`,
  }))
}

interface Numbered {
  readonly address: string
  readonly from: number
  readonly target: number
  readonly Type: string
}

function continues(first: Numbered, count: number, port: Numbered): boolean {
  const isSame = port.address === first.address && port.Type === first.Type
  return isSame && port.from === first.from + count && port.target === first.target + count
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const rangeText = (from: number, count: number): string =>
  count === 1 ? `${from}` : `${from}-${from + count - 1}`

function exposed(who: Who, place: Place, isListened: boolean): Exposure {
  const { address } = place
  const reach = isLoopback(address) ? 'machine' : isListened ? 'input' : 'all'
  return { ...who, ...place, interface: interfaceOf(address), reach }
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

function interfaceOf(address: string): string {
  if (address === '0.0.0.0' || address === '::') return '*'
  if (isLoopback(address)) return 'lo'
  const all = Object.entries(networkInterfaces())
  return all.find(([, list = []]) => list.some(each => each.address === address))?.[0] ?? ''
}
