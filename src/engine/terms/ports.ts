import type { PortBinding, PortMap, PortSummary } from '../../api/types/index.ts'
import { type Failure, failure } from '../../diagnostics/index.ts'
import {
  canonicalAddress,
  type PortRequest,
  type Protocol,
  type PublishedPort,
  parseAddress,
} from '../../network/index.ts'
import { parsePort, parsePortRange } from '../../notation/index.ts'
import { parseNetworkMode } from './network.ts'
import type { Given, Term } from './term.ts'

/** A port of the container. */
export type ContainerPort = Pick<PublishedPort, 'protocol' | 'containerPort'>

/** All addresses of the host, each family by a listener of its own. */
const EVERYWHERE = ['0.0.0.0', '::'] as const

/** In the order in which ports of one number are told. */
const PROTOCOLS: readonly Protocol[] = ['sctp', 'tcp', 'udp']

/** The container's ports. */
export interface PortTerms {
  /** Known of, whether anybody reaches them or not. */
  readonly exposed: readonly ContainerPort[]
  /** Reached by the host, in a stable order: by container port, then protocol, then as given. */
  readonly published: readonly PortRequest[]
  /** By listening sockets alone. */
  readonly proxied: boolean
}

type Own = 'PortBindings' | 'PublishAllPorts' | 'ExposedPorts' | 'TscomposePublish'

/** PORT_INVALID, PUBLISH_INVALID, NETWORK_MODE. */
export const portsTerm: Term<Own, PortTerms, 'NetworkMode'> = {
  fields: { PortBindings: true, PublishAllPorts: true, ExposedPorts: true, TscomposePublish: true },
  path: 'HostConfig.PortBindings',
  read: given => ({
    exposed: exposedBy(given.ExposedPorts),
    published: publishedBy(given),
    proxied: isProxied(given),
  }),
  check: ({ PortBindings = {}, TscomposePublish, NetworkMode }, problems) => {
    problems.collect('HostConfig.TscomposePublish', () => {
      const isBySctp = Object.keys(PortBindings).some(key => /\/sctp$/i.test(key))
      if (isProxied({ TscomposePublish }) && isBySctp)
        throw wrongPublish('ports of SCTP have no listening socket: they cannot be published by "proxy"')
    })
    const { kind } = parseNetworkMode(NetworkMode)
    if (kind !== 'container' || Object.keys(PortBindings).length === 0) return
    const summary = 'cannot be set: the container is in the network of another one'
    problems.add('NETWORK_MODE', 'HostConfig.PortBindings', summary, {
      facts: { option: 'ports', mode: kind },
    })
  },
}

/** An image may expose what is no port, as a range of them: nobody is refused for it who does not publish it. */
function exposedBy(exposed: Given['ExposedPorts'] = {}): ContainerPort[] {
  return Object.keys(exposed).flatMap(key => parseContainerPort(key) ?? [])
}

function isProxied({ TscomposePublish }: Pick<Given, 'TscomposePublish'>): boolean {
  if (TscomposePublish === undefined || TscomposePublish === 'proxy') return TscomposePublish === 'proxy'
  throw wrongPublish(`"${String(TscomposePublish)}" is no way to publish ports: want "proxy"`)
}

function wrongPublish(summary: string): Failure {
  return failure({
    code: 'PUBLISH_INVALID',
    kind: 'invalidArgument',
    summary,
  })
}

function publishedBy(given: Pick<Given, Own>): readonly PortRequest[] {
  const bound = Object.entries(given.PortBindings ?? {}).flatMap(([key, list]) => {
    const port = portOf(key)
    const entries = list === null || list.length === 0 ? [{}] : list
    return entries.map(entry => ({ ...port, ...parseHost(key, entry) }))
  })
  const random = Object.keys(given.PublishAllPorts === true ? (given.ExposedPorts ?? {}) : {})
    .map(portOf)
    .filter(port => !bound.some(other => isSame(other, port)))
    .map(port => ({ ...port, hostIps: EVERYWHERE }))
  return [...bound, ...random].sort(
    (a, b) =>
      a.containerPort - b.containerPort || PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol),
  )
}

function isSame(a: ContainerPort, b: ContainerPort): boolean {
  return a.protocol === b.protocol && a.containerPort === b.containerPort
}

function portOf(key: string): ContainerPort {
  const port = parseContainerPort(key)
  if (port !== undefined) return port
  throw invalid(`Can't read container port "${key}"`, key, 'Write it as port/protocol: 80/tcp, 53/udp')
}

/** Whether the text, as a filter has it, says that port. */
export function isPort(text: string, port: ContainerPort): boolean {
  const said = parseContainerPort(text)
  return said !== undefined && isSame(said, port)
}

/** `80/tcp`, `53/UDP`, or `80` for TCP. */
function parseContainerPort(key: string): ContainerPort | undefined {
  const [number = '', word = 'tcp', ...more] = key.split('/')
  const containerPort = parsePort(number)
  const protocol = PROTOCOLS.find(each => each === word.toLowerCase())
  const isPort = containerPort !== undefined && containerPort !== 0 && more.length === 0
  return isPort && protocol !== undefined ? { protocol, containerPort } : undefined
}

function parseHost(key: string, binding: PortBinding): Pick<PortRequest, 'hostIps' | 'range'> {
  const hostIp = (binding.HostIp ?? '').replace(/^\[(.*)\]$/, '$1')
  if (hostIp !== '' && !parseAddress(hostIp))
    throw invalid(`Can't publish port "${key}" on "${hostIp}": it is not an address`, '')
  const range = parseRange(key, binding.HostPort ?? '')
  return { hostIps: hostIp === '' ? EVERYWHERE : [canonicalAddress(hostIp)], ...(range ? { range } : {}) }
}

/** `8080`, `8000-8010`, or nothing and `0` for any port. */
function parseRange(key: string, text: string): PortRequest['range'] {
  if (text === '' || text === '0') return undefined
  const range = parsePortRange(text)
  if (range !== undefined && range.from > 0) return range
  throw invalid(
    `Can't publish port "${key}" as host port "${text}"`,
    text,
    'Want 1 to 65535, or a range 8000-8010',
  )
}

/** `port`: what is no port, if that is what is wrong. */
function invalid(summary: string, port: string, hint?: string): Failure {
  const facts = port === '' ? {} : { facts: { port } }
  return failure({
    code: 'PORT_INVALID',
    kind: 'invalidArgument',
    summary,
    ...facts,
    ...(hint ? { hint } : {}),
  })
}

function keyOf({ containerPort, protocol }: ContainerPort): string {
  return `${containerPort}/${protocol}`
}

/** `Ports` of an inspect: what is published, and `null` for what is exposed alone. */
export function portMapOf(exposed: readonly ContainerPort[], published: readonly PublishedPort[]): PortMap {
  const map: Record<string, PortBinding[] | null> = {}
  for (const port of exposed) map[keyOf(port)] = null
  for (const port of published) {
    const key = keyOf(port)
    map[key] = [...(map[key] ?? []), { HostIp: port.hostIp, HostPort: String(port.hostPort) }]
  }
  return map
}

/** `Ports` of a list row: what is exposed alone first. */
export function portRowsOf(
  exposed: readonly ContainerPort[],
  published: readonly PublishedPort[],
): PortSummary[] {
  const keys = new Set(published.map(keyOf))
  return [
    ...exposed
      .filter(port => !keys.has(keyOf(port)))
      .map(({ containerPort, protocol }) => ({ PrivatePort: containerPort, Type: protocol })),
    ...published.map(port => ({
      IP: port.hostIp,
      PrivatePort: port.containerPort,
      PublicPort: port.hostPort,
      Type: port.protocol,
    })),
  ]
}
