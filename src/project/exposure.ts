import { networkInterfaces } from 'node:os'
import type { PortSummary } from '../api/types/index.ts'
import { hasOwnNetwork, type Network, type Service } from '../model/index.ts'
import type { CreateContainer, Plan } from '../planner/index.ts'
import { look } from './look.ts'
import { ps } from './ps.ts'
import { environmentOf, type Target } from './target.ts'

/**
 * Who reaches a port: programs of this machine alone (`machine`), whom the machine's rules for INPUT let through besides (`input`), or
 * all who reach the address, whatever those rules say (`all`).
 */
export type Reach = 'machine' | 'input' | 'all'

/** One published port of the project's, or several that follow each other. */
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
}

/** What the project's running containers publish, and who reaches it. Errors as of `ps`. */
export async function exposure(
  target: Target,
  services: readonly string[] = [],
): Promise<readonly Exposure[]> {
  const running = (await ps(target, { services })).filter(({ ports }) =>
    ports.some(({ IP }) => IP !== undefined),
  )
  return look(environmentOf(target), 'running', async docker => {
    const found = running.map(async ({ id, name, service, ports }) => {
      const { HostConfig, NetworkSettings } = await docker.getContainer(id).inspect()
      const isProxied = HostConfig.TscomposePublish === 'proxy'
      // What comes by IPv6 for a container that has none is led there by a listening socket.
      const hasIpv6 = Object.values(NetworkSettings.Networks).some(each => each.GlobalIPv6Address)
      return placesOf(ports).map(place => {
        const isListened = isProxied || (place.address.includes(':') && !hasIpv6)
        return exposed({ service, container: name }, place, isListened)
      })
    })
    return (await Promise.all(found)).flat()
  })
}

/** What containers will publish that the plan makes, on networks of the file that it was made of. */
export function plannedExposure(
  plan: Plan,
  networks: Readonly<Record<string, Network>>,
): readonly Exposure[] {
  return plan.operations.flatMap(operation => {
    if (operation.type !== 'createContainer') return []
    const { serviceName, service, resource } = operation
    const isProxied = service['x-tscompose']?.publish === 'proxy'
    const who = { service: serviceName, container: resource.name }
    const ways = waysTo(operation, networks)
    return wantedPlaces(service).flatMap(place => {
      const isIpv6 = place.address.includes(':')
      if (!ways.ipv4 && !(isIpv6 && ways.ipv6)) return []
      return [exposed(who, place, isProxied || (isIpv6 && !ways.ipv6))]
    })
  })
}

/** By which families a container's published ports lead to it. What an external network has is not in the file: both. */
function waysTo(
  { networks: attachments }: CreateContainer,
  networks: Readonly<Record<string, Network>>,
): { readonly ipv4: boolean; readonly ipv6: boolean } {
  // The default bridge.
  if (attachments.length === 0) return { ipv4: true, ipv6: false }
  const outward = attachments
    .flatMap(({ key }) => networks[key] ?? [])
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

function exposed(who: Pick<Exposure, 'service' | 'container'>, place: Place, isListened: boolean): Exposure {
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
