import { parsePort } from './port-range.ts'

/** What a health check of the engine's own asks of a container. */
export type Probe =
  /** A connection is taken. Without an address: at the container's own loopback, or one of its addresses. */
  | { readonly kind: 'tcp'; readonly port: number; readonly address?: string }
  /** GET is answered with a status from 200 to 399. `host` is what the request says; nobody looks it up. */
  | {
      readonly kind: 'http'
      readonly port: number
      readonly address?: string
      readonly host: string
      readonly path: string
    }
  /** A connection is taken at a path of the container, or with `@` at an abstract name. */
  | { readonly kind: 'unix'; readonly path: string }
  /** A line of the output since the start has this text in it. */
  | { readonly kind: 'log'; readonly text: string }

/** The kinds of probes. */
export const PROBE_KINDS = ['tcp', 'http', 'unix', 'log'] as const

/** What each kind may look like, for those who wrote something else. */
export const PROBE_FORMS: Readonly<Record<Probe['kind'], string>> = {
  tcp: '3306, 10.0.0.5:3306 or [::1]:3306',
  http: '8080, 8080/health or http://host:8080/health',
  unix: '/run/app.sock or @name, of at most 107 bytes',
  log: 'a text',
}

/** Bytes that the address of a unix socket holds. */
const SOCKET_PATH = 107

/** What a probe asks, by its kind and its text; undefined where it is none. */
export function parseProbe(kind: string, text: string): Probe | undefined {
  switch (kind) {
    case 'tcp':
      return tcpProbe(text)
    case 'http':
      return httpProbe(text)
    case 'unix':
      return unixProbe(text)
    case 'log':
      return text.trim() === '' || text.includes('\n') ? undefined : { kind, text }
    default:
      return undefined
  }
}

function tcpProbe(text: string): Probe | undefined {
  const place = placeOf(text)
  if (place === undefined || (place.host !== undefined && familyOf(place.host) === 0)) return undefined
  const { host, port } = place
  return { kind: 'tcp', port, ...(host === undefined ? {} : { address: host }) }
}

/** `[host:]port`; an IPv6 address stands in brackets. */
function placeOf(text: string): { readonly host?: string; readonly port: number } | undefined {
  const [, bracketed, plain, digits = ''] = /^(?:(?:\[([^\]]+)\]|([^:[\]]+)):)?(\d+)$/.exec(text) ?? []
  const port = parsePort(digits)
  const host = bracketed ?? plain
  if (port === undefined || port === 0) return undefined
  if (bracketed !== undefined && familyOf(bracketed) !== 6) return undefined
  return host === undefined ? { port } : { host, port }
}

function httpProbe(text: string): Probe | undefined {
  const [, scheme, authority = '', path = '/'] = /^(http:\/\/)?([^/?#\s]+)(\/[\x21-\x7e]*)?$/.exec(text) ?? []
  const isPort = /^\d+$/.test(authority)
  const place = placeOf(scheme !== undefined && !/:\d+$/.test(authority) ? `${authority}:80` : authority)
  if (place === undefined || (scheme === undefined) !== isPort) return undefined
  const { host = 'localhost', port } = place
  if (!/^[A-Za-z0-9.:_-]+$/.test(host)) return undefined
  const address = familyOf(host) === 0 ? {} : { address: host }
  return { kind: 'http', port, ...address, host: familyOf(host) === 6 ? `[${host}]` : host, path }
}

function unixProbe(path: string): Probe | undefined {
  const isPlace = path.startsWith('/') || (path.startsWith('@') && path.length > 1)
  return isPlace && !path.includes('\0') && Buffer.byteLength(path) <= SOCKET_PATH
    ? { kind: 'unix', path }
    : undefined
}

/** 4 or 6 for an address of IP, 0 for anything else. */
function familyOf(text: string): 0 | 4 | 6 {
  if (/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text)) return 4
  return /^[0-9a-fA-F:.]+$/.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`) ? 6 : 0
}
