import { attribute } from './attribute.ts'
import { be32Attribute, NFTA_DATA, PROTOCOL, verdictAttribute } from './nft-attribute.ts'
import {
  expression,
  type HeaderPart,
  immediate,
  load,
  lookup,
  meta,
  REGISTER,
  store,
  VERDICT_REGISTER,
} from './nft-expression.ts'

/** Attributes of expressions (linux/netfilter/nf_tables.h). */
const NFTA_NAT = { TYPE: 1, FAMILY: 2, ADDRESS: 3, PORT: 5 } as const
const NFT_NAT_DNAT = 1
/** The register in use by its first four bytes, where values are put together from there on. */
const REGISTER32 = 8

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
  return immediate(decision, VERDICT_REGISTER)
}

/** Leads a packet to an address, at the port that it goes to. */
export function translateTo(family: 4 | 6, address: Uint8Array): Buffer[] {
  return [immediate(attribute(NFTA_DATA.VALUE, address)), translation(family)]
}

/**
 * Leads a packet to where a map has it go: by transport protocol and port, and, where `address` says where it stands in
 * the header, by the address that it goes to. The map's values are an address of `family` and a port.
 */
export function translate(family: 4 | 6, map: string, address?: HeaderPart): Buffer[] {
  const words = family === 4 ? 1 : 4
  const behind = address === undefined ? 0 : words
  return [
    ...(address === undefined ? [] : [load(address, words * 4)]),
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

/** Writes bytes into the header, and mends the Internet checksum at `checksum` of the same header. */
export function setHeader(part: HeaderPart, bytes: Uint8Array, checksum: number): Buffer[] {
  return [immediate(attribute(NFTA_DATA.VALUE, bytes)), store(part, bytes.length, checksum)]
}
