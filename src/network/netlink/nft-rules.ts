import { attributeText, parseAttributes, textAttribute } from './attribute.ts'
import { dumpRequest, parseMessages } from './message.ts'
import { commentOf, familyOfTable } from './nft-list.ts'
import { NFNL_SUBSYS_NFTABLES, NFT_MSG, PROTOCOL, type TableFamily } from './nftables.ts'

const NFTA_RULE = { TABLE: 1, CHAIN: 2, HANDLE: 3, EXPRESSIONS: 4, USERDATA: 7 } as const
const NFTA_EXPR = { NAME: 1, DATA: 2 } as const
const NFTA_META_KEY = 2
const NFTA_CMP = { OP: 2, DATA: 3 } as const
const NFTA_IMMEDIATE_DATA = 2
const NFTA_DATA = { VALUE: 1, VERDICT: 2 } as const
const NFTA_VERDICT = { CODE: 1, CHAIN: 2 } as const
const NFTA_TARGET_NAME = 1
const VERDICTS: Readonly<Record<number, string>> = {
  0: 'drop',
  1: 'accept',
  [-3]: 'jump',
  [-4]: 'goto',
  [-5]: 'return',
}
const LINKS: Readonly<Record<number, string>> = { 6: 'iifname', 7: 'oifname' }
/** Bytes of struct nfgenmsg, which stands before the attributes. */
const HEAD = 4

/** A rule that the kernel tells of. */
export interface ListedRule {
  readonly chain: string
  /** By which it is removed. */
  readonly handle: Buffer
  readonly comment?: string
  /** Those of nft(8), as far as they are known here: names of interfaces, `counter`, `log`, verdicts; `?` stands for all else. */
  readonly words: string
}

/** Asks for the rules of a table. */
export function dumpRules(family: TableFamily, table: string): Buffer {
  return dumpRequest(
    (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG.GETRULE,
    Buffer.from([PROTOCOL[family], 0, 0, 0]),
    textAttribute(NFTA_RULE.TABLE, table),
  )
}

/** Rules of a dump's answer, in the order in which they are met. */
export function parseRules(bytes: Buffer): ListedRule[] {
  return parseMessages(bytes).flatMap(({ type, body }) => {
    if ((type & 0xff) !== NFT_MSG.NEWRULE || familyOfTable(body) === undefined) return []
    const attributes = parseAttributes(body.subarray(HEAD))
    const comment = commentOf(attributes.get(NFTA_RULE.USERDATA))
    return [
      {
        chain: attributeText(attributes.get(NFTA_RULE.CHAIN)) ?? '',
        handle: attributes.get(NFTA_RULE.HANDLE) ?? Buffer.alloc(8),
        ...(comment === undefined ? {} : { comment }),
        words: wordsOf(attributes.get(NFTA_RULE.EXPRESSIONS) ?? Buffer.alloc(0)),
      },
    ]
  })
}

function wordsOf(list: Buffer): string {
  const words: string[] = []
  let way: string | undefined
  for (const [name, data] of expressionsOf(list)) {
    if (name === 'meta') way = LINKS[numberOf(data.get(NFTA_META_KEY))]
    else if (name === 'cmp' && way !== undefined && numberOf(data.get(NFTA_CMP.OP)) === 0) {
      words.push(`${way} "${linkName(data.get(NFTA_CMP.DATA))}"`)
      way = undefined
    } else words.push(wordOf(name, data))
  }
  return words.join(' ')
}

function wordOf(name: string, data: Map<number, Buffer>): string {
  switch (name) {
    case 'counter':
    case 'log':
    case 'reject':
      return name
    case 'target': {
      const target = attributeText(data.get(NFTA_TARGET_NAME))
      return target === 'REJECT' ? 'reject' : target === 'LOG' ? 'log' : '?'
    }
    case 'immediate': {
      const value = parseAttributes(data.get(NFTA_IMMEDIATE_DATA) ?? Buffer.alloc(0))
      const verdict = parseAttributes(value.get(NFTA_DATA.VERDICT) ?? Buffer.alloc(0))
      const word = VERDICTS[numberOf(verdict.get(NFTA_VERDICT.CODE))] ?? '?'
      const chain = attributeText(verdict.get(NFTA_VERDICT.CHAIN))
      return chain === undefined ? word : `${word} ${chain}`
    }
    default:
      return '?'
  }
}

/** A whole name ends with its NUL; the beginning of many does not. */
function linkName(data: Buffer | undefined): string {
  const bytes = parseAttributes(data ?? Buffer.alloc(0)).get(NFTA_DATA.VALUE) ?? Buffer.alloc(0)
  return bytes.includes(0) ? (attributeText(bytes) ?? '') : `${bytes}*`
}

function expressionsOf(list: Buffer): (readonly [string, Map<number, Buffer>])[] {
  const found: (readonly [string, Map<number, Buffer>])[] = []
  for (let at = 0; at + 4 <= list.length; ) {
    const length = list.readUInt16LE(at)
    if (length < 4 || at + length > list.length) break
    const parts = parseAttributes(list.subarray(at + 4, at + length))
    found.push([
      attributeText(parts.get(NFTA_EXPR.NAME)) ?? '',
      parseAttributes(parts.get(NFTA_EXPR.DATA) ?? Buffer.alloc(0)),
    ])
    at += (length + 3) & ~3
  }
  return found
}

function numberOf(payload: Buffer | undefined): number {
  return payload === undefined || payload.length < 4 ? Number.NaN : payload.readInt32BE(0)
}
