import { align, attribute, nestedAttribute, textAttribute } from './attribute.ts'
import { NLM_F, notice } from './message.ts'
import {
  be32Attribute,
  commentAttribute,
  NFNL_SUBSYS_NFTABLES,
  NFT_MSG,
  NFTA_CHAIN,
  NFTA_HOOK,
  NFTA_LIST_ELEM,
  NFTA_RULE,
  NFTA_TABLE,
  PROTOCOL,
  type TableFamily,
} from './nft-attribute.ts'

/** Offset of a message's flags. */
const FLAGS = 6
const NFNL_MSG_BATCH_BEGIN = 0x10
const NFNL_MSG_BATCH_END = 0x11
const POLICY = { drop: 0, accept: 1 } as const
/** NF_INET_… of packets, and NF_NETDEV_EGRESS (Linux 5.16): every frame that goes out by a device, whoever made it. */
const HOOK = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4, egress: 1 } as const

/** Where a chain stands. */
export interface ChainPlace {
  readonly family: TableFamily
  readonly table: string
  readonly name: string
}

/** Where packets come to a chain by themselves. */
export interface Hook {
  readonly hook: keyof typeof HOOK
  /** `filter` where not set. */
  readonly type?: 'filter' | 'nat'
  /** The device, of a table `netdev`. */
  readonly device?: string
  /** Smaller is earlier: -200 is connection tracking, 0 the filters of users. */
  readonly priority: number
  /** What happens to packets that no rule decides on. */
  readonly policy: keyof typeof POLICY
}

/** A chain that packets come to by themselves. */
export interface BaseChain extends ChainPlace, Hook {}

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
export function newTable(family: TableFamily, name: string, comment?: string): Buffer {
  return nftMessage(
    NFT_MSG.NEWTABLE,
    family,
    textAttribute(NFTA_TABLE.NAME, name),
    ...commentAttribute(NFTA_TABLE.USERDATA, comment),
  )
}

/** Removes a table with all that is in it; it must be there. */
export function removeTable(family: TableFamily, name: string): Buffer {
  return nftMessage(NFT_MSG.DELTABLE, family, textAttribute(NFTA_TABLE.NAME, name))
}

/** Makes a chain that packets come to; its table must be there, earlier in the same batch at the latest. */
export function newBaseChain(chain: BaseChain, comment?: string): Buffer {
  const { device, priority, policy, type = 'filter' } = chain
  const hook = nestedAttribute(
    NFTA_CHAIN.HOOK,
    be32Attribute(NFTA_HOOK.HOOKNUM, HOOK[chain.hook]),
    be32Attribute(NFTA_HOOK.PRIORITY, priority),
    ...(device === undefined ? [] : [textAttribute(NFTA_HOOK.DEVICE, device)]),
  )
  return chainMessage(
    NFT_MSG.NEWCHAIN,
    chain,
    hook,
    be32Attribute(NFTA_CHAIN.POLICY, POLICY[policy]),
    textAttribute(NFTA_CHAIN.TYPE, type),
    ...commentAttribute(NFTA_CHAIN.USERDATA, comment),
  )
}

/** Ensures a chain that rules lead to. */
export function newChain(place: ChainPlace, comment?: string): Buffer {
  return chainMessage(NFT_MSG.NEWCHAIN, place, ...commentAttribute(NFTA_CHAIN.USERDATA, comment))
}

/** Removes a chain that is empty and that nothing leads to. */
export function removeChain(place: ChainPlace): Buffer {
  return chainMessage(NFT_MSG.DELCHAIN, place)
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

/** Adds a rule at the end of a chain: expressions as of `nft-match.ts` and `nft-statement.ts`. */
export function newRule(place: ChainPlace, expressions: readonly Buffer[], comment?: string): Buffer {
  return nftMessage(NFT_MSG.NEWRULE, place.family, ...ruleAttributes(place, expressions, comment))
}

/** Adds a rule at the beginning of a chain. */
export function insertRule(place: ChainPlace, expressions: readonly Buffer[], comment?: string): Buffer {
  const attributes = ruleAttributes(place, expressions, comment)
  return messageOf(NFT_MSG.NEWRULE, NLM_F.CREATE, place.family, attributes)
}

/** Removes one rule, by the handle that the kernel has given it. */
export function removeRule({ family, table, name }: ChainPlace, handle: Buffer): Buffer {
  return nftMessage(
    NFT_MSG.DELRULE,
    family,
    textAttribute(NFTA_RULE.TABLE, table),
    textAttribute(NFTA_RULE.CHAIN, name),
    attribute(NFTA_RULE.HANDLE, handle),
  )
}

/** Removes all rules of a chain. */
export function removeRules({ family, table, name }: ChainPlace): Buffer {
  return nftMessage(
    NFT_MSG.DELRULE,
    family,
    textAttribute(NFTA_RULE.TABLE, table),
    textAttribute(NFTA_RULE.CHAIN, name),
  )
}

function ruleAttributes(
  { table, name }: ChainPlace,
  expressions: readonly Buffer[],
  comment: string | undefined,
): Buffer[] {
  return [
    textAttribute(NFTA_RULE.TABLE, table),
    textAttribute(NFTA_RULE.CHAIN, name),
    nestedAttribute(
      NFTA_RULE.EXPRESSIONS,
      ...expressions.map(expression => attribute(NFTA_LIST_ELEM, expression)),
    ),
    ...commentAttribute(NFTA_RULE.USERDATA, comment),
  ]
}

/** A message of a batch; what it adds comes behind what is there. */
export function nftMessage(type: number, family: TableFamily, ...attributes: readonly Buffer[]): Buffer {
  return messageOf(type, NLM_F.CREATE | NLM_F.APPEND, family, attributes)
}

function messageOf(type: number, flags: number, family: TableFamily, attributes: readonly Buffer[]): Buffer {
  const header = Buffer.from([PROTOCOL[family], 0, 0, 0])
  return notice((NFNL_SUBSYS_NFTABLES << 8) | type, flags, header, ...attributes)
}

/** struct nfgenmsg of a batch: its res_id is the subsystem, in network order. */
function batchHeader(): Buffer {
  return Buffer.from([0, 0, 0, NFNL_SUBSYS_NFTABLES])
}
