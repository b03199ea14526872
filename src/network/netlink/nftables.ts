import { align, attribute, nestedAttribute, textAttribute } from './attribute.ts'
import { NLM_F, notice } from './message.ts'

/** Offset of a message's flags. */
const FLAGS = 6
/** Messages of nf_tables (linux/netfilter/nfnetlink.h, nf_tables.h). */
const NFNL_MSG_BATCH_BEGIN = 0x10
const NFNL_MSG_BATCH_END = 0x11
const NFNL_SUBSYS_NFTABLES = 10
const NFT_MSG = { NEWTABLE: 0, DELTABLE: 2, NEWCHAIN: 3, NEWRULE: 6 } as const
const NFTA_TABLE_NAME = 1
const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7 } as const
const NFTA_HOOK = { HOOKNUM: 1, PRIORITY: 2, DEVICE: 3 } as const
const NFTA_RULE = { TABLE: 1, CHAIN: 2, EXPRESSIONS: 4 } as const
const NFTA_LIST_ELEM = 1
const NF = { drop: 0, accept: 1 } as const
/** Kinds of tables: NFPROTO_IPV4 and NFPROTO_NETDEV. */
const PROTOCOL = { ip: 2, netdev: 5 } as const
/** NF_INET_LOCAL_OUT: packets that a process of this namespace sends. */
const LOCAL_OUT = 3
/** NF_NETDEV_EGRESS (Linux 5.16): every frame that goes out by a device, whoever made it. */
const EGRESS = 1

/** The kind of a table, in the words of nft(8). */
export type TableFamily = keyof typeof PROTOCOL

/** Where a chain stands. */
export interface ChainPlace {
  readonly family: TableFamily
  readonly table: string
  readonly name: string
}

/** A chain that packets come to as they leave: those of the namespace's processes (`ip`), a device's (`netdev`). */
export interface BaseChain extends ChainPlace {
  /** The device of a table `netdev`. */
  readonly device?: string
  /** Smaller is earlier: -200 is connection tracking, 0 the filters of users. */
  readonly priority: number
  /** What happens to packets that no rule decides on. */
  readonly policy: keyof typeof NF
}

/** One transaction of nf_tables, all of it or nothing: what fails is told of in any case, success of the last message alone. */
export function nftBatch(...messages: readonly Buffer[]): Buffer {
  const body = Buffer.concat(messages)
  let last = 0
  for (let at = 0; at < body.length; at += align(body.readUInt32LE(at))) last = at
  body.writeUInt16LE(body.readUInt16LE(last + FLAGS) | NLM_F.ACK, last + FLAGS)
  return Buffer.concat([
    notice(NFNL_MSG_BATCH_BEGIN, 0, batchHeader()),
    body,
    notice(NFNL_MSG_BATCH_END, 0, batchHeader()),
  ])
}

/** Ensures a table. */
export function newTable(family: TableFamily, name: string): Buffer {
  return nftMessage(NFT_MSG.NEWTABLE, family, textAttribute(NFTA_TABLE_NAME, name))
}

/** Removes a table with all that is in it; it must be there. */
export function removeTable(family: TableFamily, name: string): Buffer {
  return nftMessage(NFT_MSG.DELTABLE, family, textAttribute(NFTA_TABLE_NAME, name))
}

/** Makes a chain that packets come to; its table must be there, earlier in the same batch at the latest. */
export function newBaseChain(chain: BaseChain): Buffer {
  const { device, priority, policy } = chain
  const hook = nestedAttribute(
    NFTA_CHAIN.HOOK,
    be32Attribute(NFTA_HOOK.HOOKNUM, device === undefined ? LOCAL_OUT : EGRESS),
    be32Attribute(NFTA_HOOK.PRIORITY, priority),
    ...(device === undefined ? [] : [textAttribute(NFTA_HOOK.DEVICE, device)]),
  )
  return chainMessage(
    NFT_MSG.NEWCHAIN,
    chain,
    hook,
    be32Attribute(NFTA_CHAIN.POLICY, NF[policy]),
    textAttribute(NFTA_CHAIN.TYPE, 'filter'),
  )
}

/** Ensures a chain that rules lead to. */
export function newChain(place: ChainPlace): Buffer {
  return chainMessage(NFT_MSG.NEWCHAIN, place)
}

function chainMessage(type: number, place: ChainPlace, ...more: readonly Buffer[]): Buffer {
  return nftMessage(
    type,
    place.family,
    textAttribute(NFTA_CHAIN.TABLE, place.table),
    textAttribute(NFTA_CHAIN.NAME, place.name),
    ...more,
  )
}

/** Adds a rule at the end of a chain: expressions as of `nft-expression.ts`. */
export function newRule({ family, table, name }: ChainPlace, expressions: readonly Buffer[]): Buffer {
  return nftMessage(
    NFT_MSG.NEWRULE,
    family,
    textAttribute(NFTA_RULE.TABLE, table),
    textAttribute(NFTA_RULE.CHAIN, name),
    nestedAttribute(
      NFTA_RULE.EXPRESSIONS,
      ...expressions.map(expression => attribute(NFTA_LIST_ELEM, expression)),
    ),
  )
}

/** An attribute of one u32 in network order, as nf_tables has all its numbers; negative ones as two's complement. */
export function be32Attribute(type: number, value: number): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeInt32BE(value | 0)
  return attribute(type, payload)
}

function nftMessage(type: number, family: TableFamily, ...attributes: readonly Buffer[]): Buffer {
  const header = Buffer.from([PROTOCOL[family], 0, 0, 0])
  const flags = NLM_F.CREATE | NLM_F.APPEND
  return notice((NFNL_SUBSYS_NFTABLES << 8) | type, flags, header, ...attributes)
}

/** struct nfgenmsg of a batch: its res_id is the subsystem, in network order. */
function batchHeader(): Buffer {
  return Buffer.from([0, 0, 0, NFNL_SUBSYS_NFTABLES])
}
