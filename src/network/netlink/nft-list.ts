import { attributeText, parseAttributes } from './attribute.ts'
import { dumpRequest, parseMessages } from './message.ts'
import { NFNL_SUBSYS_NFTABLES, NFT_MSG, PROTOCOL, type TableFamily } from './nftables.ts'

const NFTA_TABLE = { NAME: 1, FLAGS: 2, USERDATA: 6 } as const
/** A table that only the program may change that has made it, as firewalld's from its release 2.1 on. */
const NFT_TABLE_F_OWNER = 2
const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7 } as const
const NFTA_HOOK = { HOOKNUM: 1, PRIORITY: 2 } as const
const HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const
/** Bytes of struct nfgenmsg, which stands before the attributes. */
const HEAD = 4

/** A table that the kernel tells of. */
export interface ListedTable {
  readonly family: TableFamily
  readonly name: string
  readonly comment?: string
  /** Whether it takes changes from one program alone. */
  readonly isOwned: boolean
}

/** A chain that the kernel tells of. */
export interface ListedChain {
  readonly family: TableFamily
  readonly table: string
  readonly name: string
  /** Of one that packets come to by themselves. */
  readonly hook?: (typeof HOOKS)[number]
  readonly type?: string
  readonly policy?: 'accept' | 'drop'
}

/** Asks for all tables. */
export function dumpTables(): Buffer {
  return dumpRequest((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG.GETTABLE, Buffer.alloc(HEAD))
}

/** Tables of a dump's answer, of the kinds that we know. */
export function parseTables(bytes: Buffer): ListedTable[] {
  return parseMessages(bytes).flatMap(({ type, body }) => {
    const family = familyOfTable(body)
    if ((type & 0xff) !== NFT_MSG.NEWTABLE || family === undefined) return []
    const attributes = parseAttributes(body.subarray(HEAD))
    const comment = commentOf(attributes.get(NFTA_TABLE.USERDATA))
    const flags = attributes.get(NFTA_TABLE.FLAGS)?.readUInt32BE() ?? 0
    return [
      {
        family,
        name: attributeText(attributes.get(NFTA_TABLE.NAME)) ?? '',
        ...(comment === undefined ? {} : { comment }),
        isOwned: (flags & NFT_TABLE_F_OWNER) !== 0,
      },
    ]
  })
}

/** Asks for the chains of all tables. */
export function dumpChains(): Buffer {
  return dumpRequest((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG.GETCHAIN, Buffer.alloc(HEAD))
}

/** Chains of a dump's answer, of the kinds of tables that we know. */
export function parseChains(bytes: Buffer): ListedChain[] {
  return parseMessages(bytes).flatMap(({ type, body }) => {
    const family = familyOfTable(body)
    if ((type & 0xff) !== NFT_MSG.NEWCHAIN || family === undefined) return []
    const attributes = parseAttributes(body.subarray(HEAD))
    const hook = hookOf(attributes.get(NFTA_CHAIN.HOOK))
    return [
      {
        family,
        table: attributeText(attributes.get(NFTA_CHAIN.TABLE)) ?? '',
        name: attributeText(attributes.get(NFTA_CHAIN.NAME)) ?? '',
        ...(hook === undefined || family === 'netdev'
          ? {}
          : {
              hook,
              type: attributeText(attributes.get(NFTA_CHAIN.TYPE)) ?? '',
              policy: attributes.get(NFTA_CHAIN.POLICY)?.readUInt32BE() === 0 ? 'drop' : 'accept',
            }),
      },
    ]
  })
}

/** The kind of the table that a message is about; undefined for kinds that we have nothing to do with. */
export function familyOfTable(body: Buffer): TableFamily | undefined {
  if (body.length < HEAD) return undefined
  const number = body.readUInt8(0)
  return FAMILIES.find(family => PROTOCOL[family] === number)
}

/** The first note of a rule, or of a table, is its comment, where it has one. */
export function commentOf(notes: Buffer | undefined): string | undefined {
  if (notes === undefined || notes.length < 2 || notes.readUInt8(0) !== 0) return undefined
  return attributeText(notes.subarray(2, 2 + notes.readUInt8(1)))
}

const FAMILIES = Object.keys(PROTOCOL) as readonly TableFamily[]

function hookOf(bytes: Buffer | undefined): ListedChain['hook'] {
  const number = bytes && parseAttributes(bytes).get(NFTA_HOOK.HOOKNUM)?.readUInt32BE()
  return number === undefined ? undefined : HOOKS[number]
}
