import { attributeText, parseAttributes } from './attribute.ts'
import { dumpRequest, parseMessages } from './message.ts'
import {
  NFNL_SUBSYS_NFTABLES,
  NFT_MSG,
  NFTA_CHAIN,
  NFTA_HOOK,
  NFTA_TABLE,
  PROTOCOL,
  type TableFamily,
} from './nft-attribute.ts'

/** A table that only the program may change that has made it, as firewalld's from its release 2.1 on. */
const NFT_TABLE_F_OWNER = 2
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
  return nftDump(NFT_MSG.GETTABLE)
}

/** Tables of a dump's answer, of the kinds that we know. */
export function parseTables(bytes: Buffer): ListedTable[] {
  return parseListed(bytes, NFT_MSG.NEWTABLE).map(({ family, attributes }) => ({
    family,
    name: attributeText(attributes.get(NFTA_TABLE.NAME)) ?? '',
    ...commentOf(attributes.get(NFTA_TABLE.USERDATA)),
    isOwned: ((attributes.get(NFTA_TABLE.FLAGS)?.readUInt32BE() ?? 0) & NFT_TABLE_F_OWNER) !== 0,
  }))
}

/** Asks for the chains of all tables. */
export function dumpChains(): Buffer {
  return nftDump(NFT_MSG.GETCHAIN)
}

/** Chains of a dump's answer, of the kinds of tables that we know. */
export function parseChains(bytes: Buffer): ListedChain[] {
  return parseListed(bytes, NFT_MSG.NEWCHAIN).map(({ family, attributes }) => {
    const hook = hookOf(attributes.get(NFTA_CHAIN.HOOK))
    return {
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
    }
  })
}

/** Asks for all things of a kind (NFT_MSG.GET…), of tables of one family or of all. */
export function nftDump(kind: number, family?: TableFamily, ...attributes: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(HEAD)
  if (family !== undefined) head.writeUInt8(PROTOCOL[family])
  return dumpRequest((NFNL_SUBSYS_NFTABLES << 8) | kind, head, ...attributes)
}

/** Something of a table that the kernel tells of. */
interface Listed {
  readonly family: TableFamily
  readonly attributes: ReadonlyMap<number, Buffer>
}

/** What a dump's answer has of that kind (NFT_MSG.NEW…), of the kinds of tables that we know. */
export function parseListed(bytes: Buffer, kind: number): Listed[] {
  return parseMessages(bytes).flatMap(({ type, body }) => {
    const family = familyOfTable(body)
    if ((type & 0xff) !== kind || family === undefined) return []
    return [{ family, attributes: parseAttributes(body.subarray(HEAD)) }]
  })
}

/** The kind of the table that a message is about; undefined for kinds that we have nothing to do with. */
function familyOfTable(body: Buffer): TableFamily | undefined {
  if (body.length < HEAD) return undefined
  const number = body.readUInt8(0)
  return FAMILIES.find(family => PROTOCOL[family] === number)
}

/** The first note of a rule, or of a table, is its comment, where it has one. */
export function commentOf(notes: Buffer | undefined): { readonly comment?: string } {
  if (notes === undefined || notes.length < 2 || notes.readUInt8(0) !== 0) return {}
  const comment = attributeText(notes.subarray(2, 2 + notes.readUInt8(1)))
  return comment === undefined ? {} : { comment }
}

const FAMILIES = Object.keys(PROTOCOL) as readonly TableFamily[]

function hookOf(bytes: Buffer | undefined): ListedChain['hook'] {
  const number = bytes && parseAttributes(bytes).get(NFTA_HOOK.HOOKNUM)?.readUInt32BE()
  return number === undefined ? undefined : HOOKS[number]
}
