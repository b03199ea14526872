import { attribute, nestedAttribute, textAttribute, u8Attribute } from './attribute.ts'
import { be32Attribute, NFTA_DATA } from './nft-attribute.ts'
import { expression, type HeaderPart, immediate, load, meta, REGISTER } from './nft-expression.ts'

/** Attributes of expressions (linux/netfilter/nf_tables.h). */
const NFTA_REJECT = { TYPE: 1, CODE: 2 } as const
const NFT_REJECT_TCP_RST = 1
const NFT_REJECT_ICMPX = 2
const ADMIN_PROHIBITED = 3
const NFTA_DYNSET = { SET: 1, OPERATION: 3, KEY: 4, EXPRESSION: 7 } as const
const NFT_DYNSET_UPDATE = 1
/** The register in use by its first four bytes, where keys are put together from there on. */
const REGISTER32 = 8

/** The end of a rule that tells who sent the packet that this may not be, in the words of either family of IP. */
export function reject(): Buffer[] {
  return [
    expression(
      'reject',
      be32Attribute(NFTA_REJECT.TYPE, NFT_REJECT_ICMPX),
      u8Attribute(NFTA_REJECT.CODE, ADMIN_PROHIBITED),
    ),
  ]
}

/** The same of a packet of TCP, as if nobody listened there. */
export function resetTcp(): Buffer[] {
  return [expression('reject', be32Attribute(NFTA_REJECT.TYPE, NFT_REJECT_TCP_RST))]
}

/**
 * Counts, in a set of addresses, transport protocols and ports, where a packet goes: `words` are the address' of four bytes.
 * Without `port` that is 0, of protocols that have none.
 */
export function countTarget(set: string, address: HeaderPart, words: number, port: boolean): Buffer[] {
  const behind = REGISTER32 + words
  return [
    load(address, words * 4),
    meta('l4proto', behind),
    port
      ? load({ base: 'transport', offset: 2 }, 2, behind + 1)
      : immediate(attribute(NFTA_DATA.VALUE, new Uint8Array(2)), behind + 1),
    expression(
      'dynset',
      textAttribute(NFTA_DYNSET.SET, set),
      be32Attribute(NFTA_DYNSET.OPERATION, NFT_DYNSET_UPDATE),
      be32Attribute(NFTA_DYNSET.KEY, REGISTER),
      nestedAttribute(NFTA_DYNSET.EXPRESSION, expression('counter')),
    ),
  ]
}
