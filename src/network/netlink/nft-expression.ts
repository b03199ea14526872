import { attribute, nestedAttribute, textAttribute } from './attribute.ts'
import {
  be32Attribute,
  NFT_CMP,
  NFT_META,
  NFTA_CMP,
  NFTA_DATA,
  NFTA_EXPR,
  NFTA_IMMEDIATE,
  NFTA_META,
  PROTOCOL,
  verdictAttribute,
} from './nft-attribute.ts'

/** Attributes of nf_tables' expressions (linux/netfilter/nf_tables.h). */
const NFTA_PAYLOAD = { DREG: 1, BASE: 2, OFFSET: 3, LEN: 4, SREG: 5, CSUM_TYPE: 6, CSUM_OFFSET: 7 } as const
const NFTA_LOOKUP = { SET: 1, SREG: 2, DREG: 3 } as const
const NFTA_CT = { DREG: 1, KEY: 2 } as const
const NFTA_BITWISE = { SREG: 1, DREG: 2, LEN: 3, MASK: 4, XOR: 5 } as const
const NFTA_FIB = { DREG: 1, RESULT: 2, FLAGS: 3 } as const
const NFTA_NAT = { TYPE: 1, FAMILY: 2, ADDRESS: 3, PORT: 5 } as const
const NFT_CT = { state: 0, status: 2 } as const
const NFT_FIB = { ADDRTYPE: 3, DADDR: 2 } as const
const RTN_LOCAL = 2
const NFT_NAT_DNAT = 1
const NFT_PAYLOAD_CSUM_INET = 1
const BASE = { frame: 0, network: 1, transport: 2 } as const
/** The register in use: each value is compared or written right after it was loaded. */
const REGISTER = 1
/** The same by its first four bytes, where values are put together from there on. */
const REGISTER32 = 8
/** Where a decision is put. */
const VERDICT_REGISTER = 0

/** A part of a packet's header; `frame` counts from the first byte of the Ethernet header. */
export interface HeaderPart {
  readonly base: keyof typeof BASE
  readonly offset: number
}

/** Only packets whose header has these bytes there. */
export function headerIs(part: HeaderPart, bytes: Uint8Array): Buffer[] {
  return [load(part, bytes.length, REGISTER), compare('equal', bytes)]
}

/** Only packets whose header has other bytes there. */
export function headerIsNot(part: HeaderPart, bytes: Uint8Array): Buffer[] {
  return [load(part, bytes.length, REGISTER), compare('unequal', bytes)]
}

/** The end of a rule that decides. */
export function verdict(code: 'accept' | 'drop' | 'return'): Buffer {
  return decide(verdictAttribute(code))
}

/** The end of a rule that leaves the decision to another chain, and to the policy after it. */
export function goto(chain: string): Buffer {
  return decide(verdictAttribute('goto', chain))
}

/** What another chain decides on, if it does. */
export function jumpTo(chain: string): Buffer {
  return decide(verdictAttribute('jump', chain))
}

function decide(decision: Buffer): Buffer {
  return immediate(VERDICT_REGISTER, decision)
}

/** Only packets of this transport protocol (IPPROTO_TCP, IPPROTO_UDP). */
export function protocolIs(protocol: number): Buffer[] {
  return [meta('l4proto'), compare('equal', Uint8Array.of(protocol))]
}

/** Only packets of this family (NFPROTO_), in a table of several. */
export function familyIs(family: number): Buffer[] {
  return [meta('nfproto'), compare('equal', Uint8Array.of(family))]
}

/** Only packets that came (or go) by an interface of these bytes of name: 16 are a whole one, fewer its beginning. */
export function linkIs(way: 'iifname' | 'oifname', name: Uint8Array): Buffer[] {
  return [meta(way), compare('equal', name)]
}

/** Only packets that go by another interface. */
export function linkIsNot(way: 'iifname' | 'oifname', name: Uint8Array): Buffer[] {
  return [meta(way), compare('unequal', name)]
}

/** What the map has for the interface decides, where it has it; of a set: only packets of its interfaces. */
export function linkIn(way: 'iifname' | 'oifname', set: string, kind: 'set' | 'verdicts'): Buffer[] {
  return [meta(way), lookup(set, kind === 'verdicts' ? VERDICT_REGISTER : undefined)]
}

/** Only packets of connections that have one of these bits: of `state` 2 is established, 4 related; of `status` 32 is translated. */
export function connectionHas(what: keyof typeof NFT_CT, bits: number): Buffer[] {
  return [
    expression('ct', be32Attribute(NFTA_CT.DREG, REGISTER), be32Attribute(NFTA_CT.KEY, NFT_CT[what])),
    masked(hostOrder(bits)),
    compare('unequal', new Uint8Array(4)),
  ]
}

/** Only packets to an address of the host's own. */
export function toOwnAddress(): Buffer[] {
  return [
    expression(
      'fib',
      be32Attribute(NFTA_FIB.DREG, REGISTER),
      be32Attribute(NFTA_FIB.RESULT, NFT_FIB.ADDRTYPE),
      be32Attribute(NFTA_FIB.FLAGS, NFT_FIB.DADDR),
    ),
    compare('equal', hostOrder(RTN_LOCAL)),
  ]
}

/** Only packets whose header has there what begins with so many of these bits. */
export function headerBegins(part: HeaderPart, bytes: Uint8Array, bits: number): Buffer[] {
  const whole = bits >> 3
  if (bits % 8 === 0 && whole > 0) return headerIs(part, bytes.subarray(0, whole))
  const mask = Uint8Array.from(
    bytes,
    (_, index) => (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))) & 0xff,
  )
  return [
    load(part, bytes.length, REGISTER),
    masked(mask),
    compare(
      'equal',
      bytes.map((byte, index) => byte & (mask[index] ?? 0)),
    ),
  ]
}

/** Only packets whose header has there what is between these, or one of them. */
export function headerBetween(part: HeaderPart, first: Uint8Array, last: Uint8Array): Buffer[] {
  return [load(part, first.length, REGISTER), compare('atLeast', first), compare('atMost', last)]
}

/** Leads a packet to an address, at the port that it goes to. */
export function translateTo(family: 4 | 6, address: Uint8Array): Buffer[] {
  return [immediate(REGISTER, attribute(NFTA_DATA.VALUE, address)), translation(family)]
}

/**
 * Leads a packet to where a map has it go: by transport protocol and port, and, where `address` says where it stands in
 * the header, by the address that it goes to. The map's values are an address of `family` and a port.
 */
export function translate(family: 4 | 6, map: string, address?: HeaderPart): Buffer[] {
  const words = family === 4 ? 1 : 4
  const behind = address === undefined ? 0 : words
  return [
    ...(address === undefined ? [] : [load(address, words * 4, REGISTER)]),
    meta('l4proto', REGISTER32 + behind),
    load({ base: 'transport', offset: 2 }, 2, REGISTER32 + behind + 1),
    lookup(map, REGISTER),
    translation(family, REGISTER32 + words),
  ]
}

/** The address is in the register of values; the port stays where none is told. */
function translation(family: 4 | 6, port?: number): Buffer {
  return expression(
    'nat',
    be32Attribute(NFTA_NAT.TYPE, NFT_NAT_DNAT),
    be32Attribute(NFTA_NAT.FAMILY, family === 4 ? PROTOCOL.ip : PROTOCOL.ip6),
    be32Attribute(NFTA_NAT.ADDRESS, REGISTER),
    ...(port === undefined ? [] : [be32Attribute(NFTA_NAT.PORT, port)]),
  )
}

/** Gives a packet the address of the interface that it leaves by. */
export function masquerade(): Buffer[] {
  return [expression('masq')]
}

/** Counts what comes to it. */
export function counter(): Buffer[] {
  return [expression('counter')]
}

/** Puts bytes, or a decision, into a register. */
function immediate(register: number, data: Buffer): Buffer {
  return expression(
    'immediate',
    be32Attribute(NFTA_IMMEDIATE.DREG, register),
    nestedAttribute(NFTA_IMMEDIATE.DATA, data),
  )
}

function meta(key: keyof typeof NFT_META, register: number = REGISTER): Buffer {
  return expression(
    'meta',
    be32Attribute(NFTA_META.DREG, register),
    be32Attribute(NFTA_META.KEY, NFT_META[key]),
  )
}

function lookup(set: string, into?: number): Buffer {
  return expression(
    'lookup',
    textAttribute(NFTA_LOOKUP.SET, set),
    be32Attribute(NFTA_LOOKUP.SREG, REGISTER),
    ...(into === undefined ? [] : [be32Attribute(NFTA_LOOKUP.DREG, into)]),
  )
}

function masked(mask: Uint8Array): Buffer {
  return expression(
    'bitwise',
    be32Attribute(NFTA_BITWISE.SREG, REGISTER),
    be32Attribute(NFTA_BITWISE.DREG, REGISTER),
    be32Attribute(NFTA_BITWISE.LEN, mask.length),
    nestedAttribute(NFTA_BITWISE.MASK, attribute(NFTA_DATA.VALUE, mask)),
    nestedAttribute(NFTA_BITWISE.XOR, attribute(NFTA_DATA.VALUE, new Uint8Array(mask.length))),
  )
}

function hostOrder(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(number)
  return bytes
}

/** Writes bytes into the header, and mends the Internet checksum at `checksum` of the same header. */
export function setHeader(part: HeaderPart, bytes: Uint8Array, checksum: number): Buffer[] {
  return [
    immediate(REGISTER, attribute(NFTA_DATA.VALUE, bytes)),
    expression(
      'payload',
      be32Attribute(NFTA_PAYLOAD.SREG, REGISTER),
      ...place(part, bytes.length),
      be32Attribute(NFTA_PAYLOAD.CSUM_TYPE, NFT_PAYLOAD_CSUM_INET),
      be32Attribute(NFTA_PAYLOAD.CSUM_OFFSET, checksum),
    ),
  ]
}

function load(part: HeaderPart, length: number, register: number): Buffer {
  return expression('payload', be32Attribute(NFTA_PAYLOAD.DREG, register), ...place(part, length))
}

function place({ base, offset }: HeaderPart, length: number): Buffer[] {
  return [
    be32Attribute(NFTA_PAYLOAD.BASE, BASE[base]),
    be32Attribute(NFTA_PAYLOAD.OFFSET, offset),
    be32Attribute(NFTA_PAYLOAD.LEN, length),
  ]
}

function compare(how: keyof typeof NFT_CMP, bytes: Uint8Array): Buffer {
  return expression(
    'cmp',
    be32Attribute(NFTA_CMP.SREG, REGISTER),
    be32Attribute(NFTA_CMP.OP, NFT_CMP[how]),
    nestedAttribute(NFTA_CMP.DATA, attribute(NFTA_DATA.VALUE, bytes)),
  )
}

function expression(name: string, ...attributes: readonly Buffer[]): Buffer {
  return Buffer.concat([textAttribute(NFTA_EXPR.NAME, name), nestedAttribute(NFTA_EXPR.DATA, ...attributes)])
}
