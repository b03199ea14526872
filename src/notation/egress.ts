import { parsePortRange } from './port-range.ts'

/** Where a service may go, as `x-tscompose: {egress: […]}` has one line of it. */
export interface EgressRule {
  /** The host, by whatever address a network has of it. */
  readonly host?: true
  /** An address, alone or with the length of its prefix. */
  readonly address?: string
  /** Of the address. */
  readonly length?: number
  /** All where not set. */
  readonly protocol?: 'tcp' | 'udp'
  /** All where not set; never without a protocol. */
  readonly ports?: { readonly from: number; readonly to: number }
}

/** The form, in words. */
export const EGRESS_FORM =
  'an address, a subnet or host.docker.internal, with :port, :first-last and /udp behind it ([::1]:443 of IPv6)'

const HOST = 'host.docker.internal'

/**
 * Reads `10.0.0.0/8`, `10.0.0.0/8:5432`, `[2001:db8::]/32:443`, `2001:db8::1`,
 * `192.0.2.1:123/udp`, `host.docker.internal:5432`; undefined for anything else. Ports without a protocol are TCP's; without ports all protocols are meant.
 */
export function parseEgress(text: string): EgressRule | undefined {
  const [, where = '', number, word] = /^(.+?)(?::(\d+(?:-\d+)?)(?:\/(tcp|udp))?)?$/.exec(bare(text)) ?? []
  const target = parseTarget(where)
  if (target === undefined) return undefined
  if (number === undefined) return target
  const ports = parsePortRange(number)
  if (ports === undefined || ports.from === 0) return undefined
  return { ...target, protocol: word === 'udp' ? 'udp' : 'tcp', ports: { from: ports.from, to: ports.to } }
}

/** An address of IPv6 without brackets has no port: it is given brackets. */
function bare(text: string): string {
  const [address = '', length, ...more] = text.split('/')
  if (familyOf(address) !== 6 || more.length > 0) return text
  return length === undefined ? `[${address}]` : `[${address}]/${length}`
}

function parseTarget(where: string): EgressRule | undefined {
  const [, six, four, bits] = /^(?:\[([^\]]*)\]|([^/[\]]*))(?:\/(\d{1,3}))?$/.exec(where) ?? []
  const address = six ?? four ?? ''
  const family = familyOf(address)
  if (family === 0) return where.toLowerCase() === HOST ? { host: true } : undefined
  if ((family === 6) !== (six !== undefined)) return undefined
  const most = family === 6 ? 128 : 32
  const length = bits === undefined ? most : Number(bits)
  return length > most ? undefined : { address, length }
}

const OCTETS = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** 0 of what is no address. */
function familyOf(text: string): 4 | 6 | 0 {
  if (OCTETS.test(text)) return 4
  return /^[\da-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`) ? 6 : 0
}
