import type { Family } from '../types.ts'
import { attribute, nestedAttribute, textAttribute } from './attribute.ts'
import { AF } from './family.ts'
import { NLM_F, notice, request } from './message.ts'

/** Messages of nf_tables (linux/netfilter/nfnetlink.h, nf_tables.h). */
const NFNL_MSG_BATCH_BEGIN = 0x10
const NFNL_MSG_BATCH_END = 0x11
const NFNL_SUBSYS_NFTABLES = 10
const NFT_MSG = { NEWTABLE: 0, NEWCHAIN: 3, NEWRULE: 6 } as const
const NFTA_TABLE_NAME = 1
const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7 } as const
const NFTA_HOOK = { HOOKNUM: 1, PRIORITY: 2 } as const
const NFTA_RULE = { TABLE: 1, CHAIN: 2, EXPRESSIONS: 4 } as const
const NFTA_LIST_ELEM = 1
const NF_ACCEPT = 1
/** Hook of packets that a process of this namespace sends. */
const NF_INET_LOCAL_OUT = 3

/** A chain that sees all packets that leave processes of the namespace; what no rule changes goes on as it is. */
export interface OutputChain {
  readonly family: Family
  readonly table: string
  readonly name: string
  /** Smaller is earlier: -200 is connection tracking, 0 the filters of users. */
  readonly priority: number
  /** Each a list of expressions (`nft-expression.ts`). */
  readonly rules: readonly (readonly Buffer[])[]
}

/** One transaction of nf_tables: all of it or nothing. */
export function nftBatch(...messages: readonly Buffer[]): Buffer {
  return Buffer.concat([
    notice(NFNL_MSG_BATCH_BEGIN, batchHeader()),
    ...messages,
    notice(NFNL_MSG_BATCH_END, batchHeader()),
  ])
}

/** Ensures a table. */
export function newTable(family: Family, name: string): Buffer {
  return nftRequest(NFT_MSG.NEWTABLE, family, textAttribute(NFTA_TABLE_NAME, name))
}

/** Makes a chain with its rules; its table must be there, earlier in the same batch at the latest. */
export function newOutputChain(chain: OutputChain): Buffer {
  const { family, table, name, priority, rules } = chain
  const hook = nestedAttribute(
    NFTA_CHAIN.HOOK,
    be32Attribute(NFTA_HOOK.HOOKNUM, NF_INET_LOCAL_OUT),
    be32Attribute(NFTA_HOOK.PRIORITY, priority),
  )
  return Buffer.concat([
    nftRequest(
      NFT_MSG.NEWCHAIN,
      family,
      textAttribute(NFTA_CHAIN.TABLE, table),
      textAttribute(NFTA_CHAIN.NAME, name),
      hook,
      be32Attribute(NFTA_CHAIN.POLICY, NF_ACCEPT),
      textAttribute(NFTA_CHAIN.TYPE, 'filter'),
    ),
    ...rules.map(expressions =>
      nftRequest(
        NFT_MSG.NEWRULE,
        family,
        textAttribute(NFTA_RULE.TABLE, table),
        textAttribute(NFTA_RULE.CHAIN, name),
        nestedAttribute(
          NFTA_RULE.EXPRESSIONS,
          ...expressions.map(expression => attribute(NFTA_LIST_ELEM, expression)),
        ),
      ),
    ),
  ])
}

/** An attribute of one u32 in network order, as nf_tables has all its numbers; negative ones as two's complement. */
export function be32Attribute(type: number, value: number): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeInt32BE(value | 0)
  return attribute(type, payload)
}

function nftRequest(type: number, family: Family, ...attributes: readonly Buffer[]): Buffer {
  const header = Buffer.from([AF[family], 0, 0, 0])
  const flags = NLM_F.CREATE | NLM_F.APPEND
  return request((NFNL_SUBSYS_NFTABLES << 8) | type, flags, header, ...attributes)
}

/** struct nfgenmsg of a batch: its res_id is the subsystem, in network order. */
function batchHeader(): Buffer {
  return Buffer.from([0, 0, 0, NFNL_SUBSYS_NFTABLES])
}
