import { type Failure, failure } from '../../diagnostics/index.ts'
import { canonicalAddress, parseAddress } from '../ip/address.ts'
import type { Protocol } from './published.ts'

/** A parsed port binding, before a host port is decided. */
export interface PortRequest {
  readonly protocol: Protocol
  readonly containerPort: number
  /** One address, or both `0.0.0.0` and `::` when none was given: the same port on both. */
  readonly hostIps: readonly string[]
  /** First and last port to try; undefined = any free port of the kernel's ephemeral range. */
  readonly range?: { readonly from: number; readonly to: number }
}

/** The Engine API's `PortBindings`: container port (`80/tcp`) → host addresses and ports. */
export type PortBindings = Readonly<
  Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>
>

/** All addresses of the host, each family by a listener of its own. */
const EVERYWHERE = ['0.0.0.0', '::'] as const

/**
 * `HostConfig.PortBindings` (and with `publishAll` all of `exposed`, `80/tcp` …) → requests, in a stable order: by
 * container port, then protocol, then as given. Failure PORT_INVALID.
 */
export function parsePortBindings(
  bindings: PortBindings,
  options: { readonly publishAll?: boolean; readonly exposed?: readonly string[] } = {},
): PortRequest[] {
  const bound = Object.entries(bindings).flatMap(([key, list]) => {
    const target = parseTarget(key)
    const entries = list === null || list.length === 0 ? [{}] : list
    return entries.map(entry => ({ ...target, ...parseHost(key, entry) }))
  })
  const more = options.publishAll === true ? (options.exposed ?? []) : []
  const random = more
    .map(parseTarget)
    .filter(target => !bound.some(port => samePort(port, target)))
    .map(target => ({ ...target, hostIps: EVERYWHERE }))
  return [...bound, ...random].sort(
    (a, b) =>
      a.containerPort - b.containerPort || PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol),
  )
}

function samePort(a: Pick<PortRequest, 'protocol' | 'containerPort'>, b: typeof a): boolean {
  return a.protocol === b.protocol && a.containerPort === b.containerPort
}

function parseTarget(key: string): Pick<PortRequest, 'protocol' | 'containerPort'> {
  const [port = '', protocol = 'tcp', ...more] = key.split('/')
  const containerPort = parsePort(port)
  const word = protocol.toLowerCase()
  if (containerPort === undefined || containerPort === 0 || more.length > 0 || !isProtocol(word))
    throw invalid(`Can't read container port "${key}"`, 'Write it as port/protocol: 80/tcp, 53/udp')
  return { protocol: word, containerPort }
}

const PROTOCOLS: readonly Protocol[] = ['sctp', 'tcp', 'udp']

function isProtocol(word: string): word is Protocol {
  return PROTOCOLS.some(protocol => protocol === word)
}

function parseHost(
  key: string,
  binding: { readonly HostIp?: string; readonly HostPort?: string },
): Pick<PortRequest, 'hostIps' | 'range'> {
  const hostIp = (binding.HostIp ?? '').replace(/^\[(.*)\]$/, '$1')
  if (hostIp !== '' && !parseAddress(hostIp))
    throw invalid(`Can't publish port "${key}" on "${hostIp}": it is not an address`)
  const range = parseRange(key, binding.HostPort ?? '')
  return { hostIps: hostIp === '' ? EVERYWHERE : [canonicalAddress(hostIp)], ...(range ? { range } : {}) }
}

/** `8080`, `8000-8010`, or nothing and `0` for any port. */
function parseRange(key: string, text: string): PortRequest['range'] {
  if (text === '' || text === '0') return undefined
  const [first = '', second, ...more] = text.split('-')
  const from = parsePort(first)
  const to = second === undefined ? from : parsePort(second)
  if (from === undefined || to === undefined || from === 0 || to < from || more.length > 0)
    throw invalid(
      `Can't publish port "${key}" as host port "${text}"`,
      'Want 1 to 65535, or a range 8000-8010',
    )
  return { from, to }
}

function parsePort(text: string): number | undefined {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined
}

function invalid(summary: string, hint?: string): Failure {
  return failure({ code: 'PORT_INVALID', kind: 'invalidArgument', summary, ...(hint ? { hint } : {}) })
}
