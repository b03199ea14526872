import { attribute, nestedAttribute, textAttribute } from './attribute.ts'
import { be32Attribute } from './nftables.ts'

/** Attributes of nf_tables' expressions (linux/netfilter/nf_tables.h). */
const NFTA_EXPR = { NAME: 1, DATA: 2 } as const
const NFTA_META = { DREG: 1, KEY: 2 } as const
const NFTA_CMP = { SREG: 1, OP: 2, DATA: 3 } as const
const NFTA_IMMEDIATE = { DREG: 1, DATA: 2 } as const
const NFTA_PAYLOAD = { DREG: 1, BASE: 2, OFFSET: 3, LEN: 4, SREG: 5, CSUM_TYPE: 6, CSUM_OFFSET: 7 } as const
const NFTA_DATA_VALUE = 1
const NFTA_DATA_VERDICT = 2
const NFTA_VERDICT = { CODE: 1, CHAIN: 2 } as const
const NFT_META_L4PROTO = 16
const NFT_CMP = { equal: 0, unequal: 1 } as const
const NF = { drop: 0, accept: 1 } as const
const NFT_GOTO = -4
const NFT_PAYLOAD_CSUM_INET = 1
const BASE = { frame: 0, network: 1, transport: 2 } as const
/** The one register in use: each value is compared or written right after it was loaded. */
const REGISTER = 1
/** Where a decision is put. */
const VERDICT_REGISTER = 0

/** A part of a packet's header; `frame` counts from the first byte of the Ethernet header. */
export interface HeaderPart {
  readonly base: keyof typeof BASE
  readonly offset: number
}

/** Only packets whose header has these bytes there. */
export function headerIs(part: HeaderPart, bytes: Uint8Array): Buffer[] {
  return [
    expression('payload', be32Attribute(NFTA_PAYLOAD.DREG, REGISTER), ...place(part, bytes.length)),
    compare('equal', bytes),
  ]
}

/** Only packets whose header has other bytes there. */
export function headerIsNot(part: HeaderPart, bytes: Uint8Array): Buffer[] {
  return [
    expression('payload', be32Attribute(NFTA_PAYLOAD.DREG, REGISTER), ...place(part, bytes.length)),
    compare('unequal', bytes),
  ]
}

/** The end of a rule that decides. */
export function verdict(code: keyof typeof NF): Buffer {
  return decide(be32Attribute(NFTA_VERDICT.CODE, NF[code]))
}

/** The end of a rule that leaves the decision to another chain, and to the policy after it. */
export function goto(chain: string): Buffer {
  return decide(be32Attribute(NFTA_VERDICT.CODE, NFT_GOTO), textAttribute(NFTA_VERDICT.CHAIN, chain))
}

function decide(...attributes: readonly Buffer[]): Buffer {
  return expression(
    'immediate',
    be32Attribute(NFTA_IMMEDIATE.DREG, VERDICT_REGISTER),
    nestedAttribute(NFTA_IMMEDIATE.DATA, nestedAttribute(NFTA_DATA_VERDICT, ...attributes)),
  )
}

/** Only packets of this transport protocol (IPPROTO_TCP, IPPROTO_UDP). */
export function protocolIs(protocol: number): Buffer[] {
  return [
    expression(
      'meta',
      be32Attribute(NFTA_META.DREG, REGISTER),
      be32Attribute(NFTA_META.KEY, NFT_META_L4PROTO),
    ),
    compare('equal', Uint8Array.of(protocol)),
  ]
}

/** Writes bytes into the header, and mends the Internet checksum at `checksum` of the same header. */
export function setHeader(part: HeaderPart, bytes: Uint8Array, checksum: number): Buffer[] {
  return [
    expression(
      'immediate',
      be32Attribute(NFTA_IMMEDIATE.DREG, REGISTER),
      nestedAttribute(NFTA_IMMEDIATE.DATA, attribute(NFTA_DATA_VALUE, bytes)),
    ),
    expression(
      'payload',
      be32Attribute(NFTA_PAYLOAD.SREG, REGISTER),
      ...place(part, bytes.length),
      be32Attribute(NFTA_PAYLOAD.CSUM_TYPE, NFT_PAYLOAD_CSUM_INET),
      be32Attribute(NFTA_PAYLOAD.CSUM_OFFSET, checksum),
    ),
  ]
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
    nestedAttribute(NFTA_CMP.DATA, attribute(NFTA_DATA_VALUE, bytes)),
  )
}

function expression(name: string, ...attributes: readonly Buffer[]): Buffer {
  return Buffer.concat([textAttribute(NFTA_EXPR.NAME, name), nestedAttribute(NFTA_EXPR.DATA, ...attributes)])
}
