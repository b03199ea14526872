import { type PortRange, parsePortRange } from '../../notation/index.ts'

/** The long form of one container port of a `services.*.ports[]` string, as plain fields. */
export interface ShortPort {
  readonly mode: 'ingress'
  readonly host_ip?: string
  readonly target: number
  readonly published?: string
  readonly protocol: string
}

const PROTOCOLS = new Set(['tcp', 'udp', 'sctp'])

/** Parses `[[IP:]HOST:]CONTAINER[/PROTOCOL]` with ranges into one entry a container port; a text with the reason when it has no such form. */
export function parseShortPort(text: string): ShortPort[] | string {
  const { ip, host, container } = splitParts(text)
  if (container === '') return 'the container port is missing'
  const slash = container.indexOf('/')
  const protocol = (slash < 0 ? 'tcp' : (container.split('/')[1] ?? '')).toLowerCase() || 'tcp'
  if (!PROTOCOLS.has(protocol)) return `the protocol is tcp, udp or sctp, not "${protocol}"`
  const targets = parsePortRange(slash < 0 ? container : container.slice(0, slash))
  if (targets === undefined) return `"${container}" is no port or range of ports`
  if (targets.from === 0) return 'the container port is not 0'
  if (ip !== '' && !isAddress(ip)) return `"${ip}" is no IP address`
  if (ip.includes(':') && !text.startsWith('[')) return `write an IPv6 address in brackets: [${ip}]`
  const published = host === '' ? undefined : parsePortRange(host)
  if (host !== '' && published === undefined) return `"${host}" is no port or range of ports`
  const count = targets.to - targets.from + 1
  const hosts = published ? published.to - published.from + 1 : 0
  // Several host ports for one container port: the first free one is taken.
  if (hosts > 0 && hosts !== count && count !== 1) return 'both ranges have as many ports'
  return expand({ targets, published, ip, protocol, oneFree: count === 1 && hosts > 1 })
}

interface Expansion {
  readonly targets: PortRange
  readonly published: PortRange | undefined
  readonly ip: string
  readonly protocol: string
  readonly oneFree: boolean
}

function expand({ targets, published, ip, protocol, oneFree }: Expansion): ShortPort[] {
  const ports: ShortPort[] = []
  for (let target = targets.from; target <= targets.to; target++) {
    const host =
      published &&
      (oneFree ? `${published.from}-${published.to}` : String(published.from + target - targets.from))
    ports.push({
      mode: 'ingress',
      ...(ip === '' ? {} : { host_ip: ip }),
      target,
      ...(host === undefined ? {} : { published: host }),
      protocol,
    })
  }
  // Docker sorts the container ports as text.
  return ports.sort((a, b) => (`${a.target}/${protocol}` < `${b.target}/${protocol}` ? -1 : 1))
}

function splitParts(text: string): { ip: string; host: string; container: string } {
  const bracket = /^\[([^\]]*)\]:([^:]*):([^:]*)$/.exec(text)
  if (bracket) return { ip: bracket[1] ?? '', host: bracket[2] ?? '', container: bracket[3] ?? '' }
  const parts = text.split(':')
  const container = parts.pop() ?? ''
  const host = parts.pop() ?? ''
  return { ip: parts.join(':'), host, container }
}

/** True for an IPv4 or IPv6 address without a zone. */
export function isAddress(text: string): boolean {
  const v4 = /^(?:\d{1,3}\.){3}\d{1,3}$/.test(text) && text.split('.').every(part => Number(part) <= 255)
  return v4 || (text.includes(':') && /^[0-9a-fA-F:.]+$/.test(text))
}
