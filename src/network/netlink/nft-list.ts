import { attributeText, parseAttributes } from './attribute.ts'
import { dumpRequest, parseMessages } from './message.ts'
import { NFNL_SUBSYS_NFTABLES, NFT_MSG, PROTOCOL, type TableFamily } from './nftables.ts'

const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7 } as const
const NFTA_HOOK = { HOOKNUM: 1, PRIORITY: 2 } as const
const HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting'] as const
/** Bytes of struct nfgenmsg, which stands before the attributes. */
const HEAD = 4

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

const FAMILIES = Object.keys(PROTOCOL) as readonly TableFamily[]

function hookOf(bytes: Buffer | undefined): ListedChain['hook'] {
  const number = bytes && parseAttributes(bytes).get(NFTA_HOOK.HOOKNUM)?.readUInt32BE()
  return number === undefined ? undefined : HOOKS[number]
}
