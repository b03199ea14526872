import { attribute, nestedAttribute, textAttribute } from './attribute.ts'

/** All messages of nf_tables are of this kind (linux/netfilter/nfnetlink.h). */
export const NFNL_SUBSYS_NFTABLES = 10
/** Kinds of messages about tables, chains, rules, sets and their elements (linux/netfilter/nf_tables.h, as all that follows). */
export const NFT_MSG = {
  NEWTABLE: 0,
  GETTABLE: 1,
  DELTABLE: 2,
  NEWCHAIN: 3,
  GETCHAIN: 4,
  DELCHAIN: 5,
  NEWRULE: 6,
  GETRULE: 7,
  DELRULE: 8,
  NEWSET: 9,
  DELSET: 11,
  NEWSETELEM: 12,
  GETSETELEM: 13,
  DELSETELEM: 14,
  NEWGEN: 15,
  GETGEN: 16,
} as const
export const NFTA_TABLE = { NAME: 1, FLAGS: 2, USERDATA: 6 } as const
export const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7, USERDATA: 12 } as const
export const NFTA_HOOK = { HOOKNUM: 1, PRIORITY: 2, DEVICE: 3 } as const
export const NFTA_RULE = { TABLE: 1, CHAIN: 2, HANDLE: 3, EXPRESSIONS: 4, USERDATA: 7 } as const
/** What a list consists of. */
export const NFTA_LIST_ELEM = 1
/** Of every expression, and of those that are both made and read. */
export const NFTA_EXPR = { NAME: 1, DATA: 2 } as const
export const NFTA_META = { DREG: 1, KEY: 2 } as const
export const NFTA_PAYLOAD = {
  DREG: 1,
  BASE: 2,
  OFFSET: 3,
  LEN: 4,
  SREG: 5,
  CSUM_TYPE: 6,
  CSUM_OFFSET: 7,
} as const
export const NFTA_CMP = { SREG: 1, OP: 2, DATA: 3 } as const
export const NFTA_IMMEDIATE = { DREG: 1, DATA: 2 } as const
/** What a register has: bytes, or a decision. */
export const NFTA_DATA = { VALUE: 1, VERDICT: 2 } as const
export const NFTA_VERDICT = { CODE: 1, CHAIN: 2 } as const
/** What becomes of a packet, in the words of nft(8). */
export const VERDICT = { drop: 0, accept: 1, jump: -3, goto: -4, return: -5 } as const
/** Keys of `meta`. */
export const NFT_META = { mark: 3, iifname: 6, oifname: 7, nfproto: 15, l4proto: 16 } as const
export const NFT_CMP = { equal: 0, unequal: 1, atMost: 3, atLeast: 5 } as const
/** Kinds of tables: NFPROTO_INET, NFPROTO_IPV4, NFPROTO_NETDEV and NFPROTO_IPV6. */
export const PROTOCOL = { inet: 1, ip: 2, netdev: 5, ip6: 10 } as const

/** The kind of a table, in the words of nft(8). */
export type TableFamily = keyof typeof PROTOCOL

const UDATA_COMMENT = 0
/** Longest comment, in bytes. */
const COMMENT_MAX = 127

/** An attribute of one u32 in network order, as nf_tables has all its numbers; negative ones as two's complement. */
export function be32Attribute(type: number, value: number): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeInt32BE(value | 0)
  return attribute(type, payload)
}

/** An attribute of one u64 in network order. */
export function be64Attribute(type: number, value: number): Buffer {
  const payload = Buffer.alloc(8)
  payload.writeBigUInt64BE(BigInt(value))
  return attribute(type, payload)
}

/** A comment as nft(8) keeps it, cut to what fits. */
export function commentAttribute(type: number, comment: string | undefined): Buffer[] {
  if (comment === undefined) return []
  const bytes = Buffer.from(comment).subarray(0, COMMENT_MAX)
  return [attribute(type, Buffer.from([UDATA_COMMENT, bytes.length + 1, ...bytes, 0]))]
}

/** A decision; `chain`: where it leads. */
export function verdictAttribute(code: keyof typeof VERDICT, chain?: string): Buffer {
  return nestedAttribute(
    NFTA_DATA.VERDICT,
    be32Attribute(NFTA_VERDICT.CODE, VERDICT[code]),
    ...(chain === undefined ? [] : [textAttribute(NFTA_VERDICT.CHAIN, chain)]),
  )
}
