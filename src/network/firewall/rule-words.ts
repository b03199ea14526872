import { type Address, addressBytes, bitsOf, type Family, formatAddress } from '../ip/address.ts'
import type { Prefix } from '../ip/prefix.ts'
import {
  connectionHas,
  familyIs,
  type HeaderPart,
  headerBegins,
  headerBetween,
  headerIn,
  headerIs,
  jumpTo,
  linkIn,
  linkIs,
  linkIsNot,
  masquerade,
  PROTOCOL,
  portBytes,
  protocolIs,
  reject,
  resetTcp,
  toOwnAddress,
  translate,
  translateTo,
  verdict,
} from '../netlink/index.ts'
import { type Rule, rule } from './table.ts'

/** Bytes of an interface's name in the kernel. */
const NAME_LENGTH = 16
/** Where a header has the addresses of its two ends. */
export const ADDRESSES: Readonly<Record<Family, Readonly<Record<'saddr' | 'daddr', HeaderPart>>>> = {
  4: { saddr: { base: 'network', offset: 12 }, daddr: { base: 'network', offset: 16 } },
  6: { saddr: { base: 'network', offset: 8 }, daddr: { base: 'network', offset: 24 } },
}
const WORD = { 4: 'ip', 6: 'ip6' } as const

type Way = 'iifname' | 'oifname'

export const ACCEPT: Rule = { text: 'accept', encode: () => [verdict('accept')] }
export const DROP: Rule = { text: 'drop', encode: () => [verdict('drop')] }
export const RETURN: Rule = { text: 'return', encode: () => [verdict('return')] }
export const MASQUERADE: Rule = { text: 'masquerade', encode: masquerade }
/** Answers, and what belongs to a connection that there is. */
export const ESTABLISHED: Rule = {
  text: 'ct state established,related',
  encode: () => connectionHas('state', 6),
}
/** Refused, and told so. */
export const REJECT: Rule = { text: 'reject with icmpx admin-prohibited', encode: reject }
/** The same of TCP in its own way: of what ICMP says a process that connects hears at its next try only, a second later. */
export const RESET: Rule = {
  text: 'meta l4proto tcp reject with tcp reset',
  encode: () => [...protocolIs(6), ...resetTcp()],
}
/** Who has an address (RFC 4861): without it the host would find no container by IPv6, nor be found. */
export const NEIGHBOURS: Rule = ofIcmp6(135, 136)
/** What asks whether somebody is there, and says that one is not. */
export const ICMP: Rule = { text: 'ip protocol icmp', encode: () => [...inFamily(4), ...protocolIs(1)] }
/** What a published port leads on. */
export const TRANSLATED: Rule = { text: 'ct status dnat', encode: () => connectionHas('status', 32) }

/** An interface; a name that ends in `*` is the beginning of many. */
export function link(way: Way, name: string): Rule {
  const bytes = name.endsWith('*') ? Buffer.from(name.slice(0, -1)) : linkBytes(name)
  return { text: `${way} "${name}"`, encode: () => linkIs(way, bytes) }
}

/** Any other interface. */
export function notLink(way: Way, name: string): Rule {
  return { text: `${way} != "${name}"`, encode: () => linkIsNot(way, linkBytes(name)) }
}

/** The interfaces of a set. */
export function linkOf(way: Way, set: string): Rule {
  return { text: `${way} @${set}`, encode: () => linkIn(way, set, 'set') }
}

/** The verdict that a map has for the interface. */
export function byLink(way: Way, map: string): Rule {
  return { text: `${way} vmap @${map}`, encode: () => linkIn(way, map, 'verdicts') }
}

/** From an address of these. */
export function from(prefix: Prefix, words: string): Rule {
  return withAddress('saddr', prefix, words)
}

/** To an address of these. */
export function to(prefix: Prefix, words: string): Rule {
  return withAddress('daddr', prefix, words)
}

function withAddress(end: 'saddr' | 'daddr', { family, base, length }: Prefix, words: string): Rule {
  return {
    text: `${WORD[family]} ${end} ${words}`,
    encode: () => [
      ...inFamily(family),
      ...headerBegins(ADDRESSES[family][end], addressBytes({ family, value: base }), length),
    ],
  }
}

/** Messages of ICMPv6 of these types. */
export function ofIcmp6(first: number, last: number): Rule {
  return {
    text: `meta l4proto ipv6-icmp icmpv6 type ${first}-${last}`,
    encode: () => [
      ...protocolIs(58),
      ...headerBetween({ base: 'transport', offset: 0 }, Uint8Array.of(first), Uint8Array.of(last)),
    ],
  }
}

/** Only packets of the family. */
export function inFamily(family: Family): Buffer[] {
  return familyIs(family === 4 ? PROTOCOL.ip : PROTOCOL.ip6)
}

/** From the addresses of a set of the family. */
export function fromSet(family: Family, set: string): Rule {
  return {
    text: `${WORD[family]} saddr @${set}`,
    encode: () => [...inFamily(family), ...headerIn(ADDRESSES[family].saddr, bitsOf(family) / 8, set)],
  }
}

/** What another chain decides on, if it does. */
export function jump(chain: string): Rule {
  return { text: `jump ${chain}`, encode: () => [jumpTo(chain)] }
}

/** To where a map has ports of all own addresses of the family go. */
export function toPublished(family: Family, map: string): Rule {
  return rule(toHost(family), {
    text: `dnat ${WORD[family]} to meta l4proto . th dport map @${map}`,
    encode: () => translate(family, map),
  })
}

/** To where a map has ports of single addresses of the family go. */
export function toPublishedAt(family: Family, map: string): Rule {
  return {
    text: `dnat ${WORD[family]} to ${WORD[family]} daddr . meta l4proto . th dport map @${map}`,
    encode: () => [...inFamily(family), ...translate(family, map, ADDRESSES[family].daddr)],
  }
}

function toHost(family: Family): Rule {
  return {
    text: `meta nfproto ipv${family} fib daddr type local`,
    encode: () => [...inFamily(family), ...toOwnAddress()],
  }
}

/** Ports that follow each other. */
export interface PortRange {
  readonly protocol: string
  /** Of the protocol. */
  readonly number: number
  readonly first: number
  readonly last: number
}

/** Ports of one address of the host, or of all of a family, that follow each other. */
export interface OpenPorts extends PortRange {
  readonly family: Family
  /** The one address. */
  readonly at?: string
}

/** To one of these ports. */
export function toPorts({ protocol, number, first, last }: PortRange): Rule {
  const there = { base: 'transport', offset: 2 } as const
  return {
    text: `${protocol} dport ${first === last ? first : `${first}-${last}`}`,
    encode: () => [
      ...protocolIs(number),
      ...(first === last
        ? headerIs(there, portBytes(first))
        : headerBetween(there, portBytes(first), portBytes(last))),
    ],
  }
}

/** Leads ports of one address of the host, or of all, to the same ports of another. */
export function rangeTo(ports: PortRange, at: Address | undefined, target: Address): Rule {
  const { family } = target
  return rule(
    at === undefined
      ? toHost(family)
      : to({ family, base: at.value, length: bitsOf(family) }, formatAddress(at)),
    toPorts(ports),
    {
      text: `dnat ${WORD[family]} to ${family === 4 ? formatAddress(target) : `[${formatAddress(target)}]`}`,
      encode: () => translateTo(family, addressBytes(target)),
    },
  )
}

/** The name of an interface as sets and comparisons have it. */
export function linkBytes(name: string): Buffer {
  return Buffer.concat([Buffer.from(name)], NAME_LENGTH)
}
