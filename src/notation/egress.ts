import { parsePortRange } from './port-range.ts'

/** Where a service may go, as `x-tscompose: {egress: […]}` has one line of it. */
export interface EgressRule {
  /** The host, by whatever address a network has of it. */
  readonly host?: true
  /** An address, alone or with the length of its prefix. */
  readonly address?: string
  /** Of the address. */
  readonly length?: number
  /** A name of the DNS in lower case, as resolvers ask for it (`xn--mnchen-3ya.de` of `münchen.de`), all below one (`*.example.org`), or all (`*`): whatever addresses it has. */
  readonly name?: string
  /** All where not set. */
  readonly protocol?: 'tcp' | 'udp'
  /** All where not set; never without a protocol. */
  readonly ports?: { readonly from: number; readonly to: number }
}

/** The form, in words. */
export const EGRESS_FORM =
  'a name, *.name, an address, a subnet or host.docker.internal, with :port, :first-last and /udp behind it ([::1]:443 of IPv6)'

/**
 * How much one service may have. Each line is a rule with which connections that begin are compared, one with a name two beside two sets,
 * which the kernel looks for one by one. However long names are, all of it can be changed by one program.
 */
const MOST = { lines: 8_000, names: 1_000 } as const

/** The first line that is too many, and why; undefined where none is. Lines that cannot be read count as addresses. */
export function egressBeyond(
  lines: readonly string[],
): { readonly index: number; readonly summary: string } | undefined {
  const names = lines.flatMap((text, index) => (parseEgress(text)?.name === undefined ? [] : [index]))
  const [line, name] = [MOST.lines, names[MOST.names] ?? lines.length]
  const index = Math.min(line, name)
  if (index >= lines.length) return undefined
  const most = name < line ? `${MOST.names} lines with names` : `${MOST.lines} lines`
  return { index, summary: `write ${most} at most in egress: this is one more` }
}

const HOST = 'host.docker.internal'
/** Sets of the kernel's are named after names, and have 255 bytes for that. */
const NAME_MAX = 240

/**
 * Reads `deb.debian.org:443`, `*.example.org`, `10.0.0.0/8`, `10.0.0.0/8:5432`, `[2001:db8::]/32:443`, `2001:db8::1`,
 * `192.0.2.1:123/udp`, `host.docker.internal:5432`; undefined for anything else. Ports without a protocol are TCP's; without ports all protocols are meant.
 */
export function parseEgress(text: string): EgressRule | undefined {
  if (ambiguousEgress(text) !== undefined) return undefined
  const [, where = '', number, word] = /^(.+?)(?::(\d+(?:-\d+)?)(?:\/(tcp|udp))?)?$/.exec(bare(text)) ?? []
  const target = parseTarget(where)
  if (target === undefined) return undefined
  if (number === undefined) return target
  const ports = parsePortRange(number)
  if (ports === undefined || ports.from === 0) return undefined
  return { ...target, protocol: word === 'udp' ? 'udp' : 'tcp', ports: { from: ports.from, to: ports.to } }
}

/**
 * The two ways to read an address of IPv6 without brackets whose last number may be a port (`fd00::2:80`): as an address, and as
 * one with a port. Undefined for all else.
 */
export function ambiguousEgress(text: string): readonly [string, string] | undefined {
  const [, address = '', port = ''] = /^([^[\]/]*):([1-9]\d{0,4})$/.exec(text) ?? []
  return familyOf(address) === 6 ? [`[${text}]`, `[${address}]:${port}`] : undefined
}

/** An address of IPv6 without brackets has no port: it is given brackets. */
function bare(text: string): string {
  const [, address = '', length = ''] = /^([^/]*)(\/\d+)?$/.exec(text) ?? []
  return familyOf(address) === 6 ? `[${address}]${length}` : text
}

function parseTarget(where: string): EgressRule | undefined {
  const [, six, four, bits] = /^(?:\[([^\]]*)\]|([^/[\]]*))(?:\/(\d{1,3}))?$/.exec(where) ?? []
  const address = six ?? four ?? ''
  const family = familyOf(address)
  if (family === 0) return named(where)
  if ((family === 6) !== (six !== undefined)) return undefined
  const most = family === 6 ? 128 : 32
  const length = bits === undefined ? most : Number(bits)
  return length > most ? undefined : { address, length }
}

/** A name as resolvers ask for it: its last label is no number, which an address that was cut short would have. */
function named(written: string): EgressRule | undefined {
  const name = inAscii(written)
    .toLowerCase()
    .replace(/(\w)\.$/, '$1')
  if (name === HOST) return { host: true }
  const labels = name.replace(/^\*\./, '').split('.')
  const isName =
    name.length <= NAME_MAX &&
    labels.every(label => /^[a-z0-9_-]{1,63}$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  return name === '*' || isName ? { name } : undefined
}

/** Letters beyond ASCII are asked for in another form (UTS 46); empty where there is none of it. */
function inAscii(name: string): string {
  if (!/^[\w.*-]*[\u0080-\u{10ffff}][\w.*\u0080-\u{10ffff}-]*$/u.test(name)) return name
  const [, below = '', domain = ''] = /^(\*\.)?(.*)$/.exec(name) ?? []
  const place = `http://${domain}`
  return URL.canParse(place) ? `${below}${new URL(place).hostname}` : ''
}

const OCTETS = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** 0 of what is no address. */
function familyOf(text: string): 4 | 6 | 0 {
  if (OCTETS.test(text)) return 4
  return /^[\da-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]/`) ? 6 : 0
}
