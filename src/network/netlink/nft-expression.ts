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
  NFTA_PAYLOAD,
} from './nft-attribute.ts'

/** Attributes of expressions (linux/netfilter/nf_tables.h). */
const NFTA_LOOKUP = { SET: 1, SREG: 2, DREG: 3 } as const
const NFTA_BITWISE = { SREG: 1, DREG: 2, LEN: 3, MASK: 4, XOR: 5 } as const
const NFT_PAYLOAD_CSUM_INET = 1
const BASE = { frame: 0, network: 1, transport: 2 } as const
/** The register in use: each value is compared or written right after it was loaded. */
export const REGISTER = 1
/** Where a decision is put. */
export const VERDICT_REGISTER = 0

/** A part of a packet's header; `frame` counts from the first byte of the Ethernet header. */
export interface HeaderPart {
  readonly base: keyof typeof BASE
  readonly offset: number
}

/** Puts bytes, or a decision, into a register. */
export function immediate(data: Buffer, register: number = REGISTER): Buffer {
  return expression(
    'immediate',
    be32Attribute(NFTA_IMMEDIATE.DREG, register),
    nestedAttribute(NFTA_IMMEDIATE.DATA, data),
  )
}

/** Puts something that is known of a packet into a register. */
export function meta(key: keyof typeof NFT_META, register: number = REGISTER): Buffer {
  return expression(
    'meta',
    be32Attribute(NFTA_META.DREG, register),
    be32Attribute(NFTA_META.KEY, NFT_META[key]),
  )
}

/** Looks for what is in the register; `into`: where a map puts what it has. */
export function lookup(set: string, into?: number): Buffer {
  return expression(
    'lookup',
    textAttribute(NFTA_LOOKUP.SET, set),
    be32Attribute(NFTA_LOOKUP.SREG, REGISTER),
    ...(into === undefined ? [] : [be32Attribute(NFTA_LOOKUP.DREG, into)]),
  )
}

/** Leaves of what is in the register what the mask has. */
export function masked(mask: Uint8Array): Buffer {
  return expression(
    'bitwise',
    be32Attribute(NFTA_BITWISE.SREG, REGISTER),
    be32Attribute(NFTA_BITWISE.DREG, REGISTER),
    be32Attribute(NFTA_BITWISE.LEN, mask.length),
    nestedAttribute(NFTA_BITWISE.MASK, attribute(NFTA_DATA.VALUE, mask)),
    nestedAttribute(NFTA_BITWISE.XOR, attribute(NFTA_DATA.VALUE, new Uint8Array(mask.length))),
  )
}

/** Puts a part of a header into a register. */
export function load(part: HeaderPart, length: number, register: number = REGISTER): Buffer {
  return expression('payload', be32Attribute(NFTA_PAYLOAD.DREG, register), ...place(part, length))
}

/** Writes what is in the register into a header, and mends the Internet checksum at `checksum` of the same header. */
export function store(part: HeaderPart, length: number, checksum: number): Buffer {
  return expression(
    'payload',
    be32Attribute(NFTA_PAYLOAD.SREG, REGISTER),
    ...place(part, length),
    be32Attribute(NFTA_PAYLOAD.CSUM_TYPE, NFT_PAYLOAD_CSUM_INET),
    be32Attribute(NFTA_PAYLOAD.CSUM_OFFSET, checksum),
  )
}

function place({ base, offset }: HeaderPart, length: number): Buffer[] {
  return [
    be32Attribute(NFTA_PAYLOAD.BASE, BASE[base]),
    be32Attribute(NFTA_PAYLOAD.OFFSET, offset),
    be32Attribute(NFTA_PAYLOAD.LEN, length),
  ]
}

/** Only packets with this in the register. */
export function compare(how: keyof typeof NFT_CMP, bytes: Uint8Array): Buffer {
  return expression(
    'cmp',
    be32Attribute(NFTA_CMP.SREG, REGISTER),
    be32Attribute(NFTA_CMP.OP, NFT_CMP[how]),
    nestedAttribute(NFTA_CMP.DATA, attribute(NFTA_DATA.VALUE, bytes)),
  )
}

/** Part of a rule: what it is called, and what it has. */
export function expression(name: string, ...attributes: readonly Buffer[]): Buffer {
  return Buffer.concat([textAttribute(NFTA_EXPR.NAME, name), nestedAttribute(NFTA_EXPR.DATA, ...attributes)])
}
