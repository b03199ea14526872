import { attributeText, listAttributes, parseAttributes, textAttribute } from './attribute.ts'
import {
  NFT_CMP,
  NFT_META,
  NFT_MSG,
  NFTA_CMP,
  NFTA_DATA,
  NFTA_EXPR,
  NFTA_IMMEDIATE,
  NFTA_META,
  NFTA_RULE,
  NFTA_VERDICT,
  type TableFamily,
  VERDICT,
} from './nft-attribute.ts'
import { commentOf, nftDump, parseListed } from './nft-list.ts'

const NFTA_TARGET_NAME = 1

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
  return nftDump(NFT_MSG.GETRULE, family, textAttribute(NFTA_RULE.TABLE, table))
}

/** Rules of a dump's answer, in the order in which they are met. */
export function parseRules(bytes: Buffer): ListedRule[] {
  return parseListed(bytes, NFT_MSG.NEWRULE).map(({ attributes }) => ({
    chain: attributeText(attributes.get(NFTA_RULE.CHAIN)) ?? '',
    handle: attributes.get(NFTA_RULE.HANDLE) ?? Buffer.alloc(8),
    ...commentOf(attributes.get(NFTA_RULE.USERDATA)),
    words: wordsOf(attributes.get(NFTA_RULE.EXPRESSIONS) ?? Buffer.alloc(0)),
  }))
}

function wordsOf(list: Buffer): string {
  const words: string[] = []
  let way: string | undefined
  for (const [name, data] of expressionsOf(list)) {
    if (name === 'meta') way = linkWay(numberOf(data.get(NFTA_META.KEY)))
    else if (name === 'cmp' && way !== undefined && numberOf(data.get(NFTA_CMP.OP)) === NFT_CMP.equal) {
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
      const value = parseAttributes(data.get(NFTA_IMMEDIATE.DATA) ?? Buffer.alloc(0))
      const verdict = parseAttributes(value.get(NFTA_DATA.VERDICT) ?? Buffer.alloc(0))
      const word = verdictWord(numberOf(verdict.get(NFTA_VERDICT.CODE)))
      const chain = attributeText(verdict.get(NFTA_VERDICT.CHAIN))
      return chain === undefined ? word : `${word} ${chain}`
    }
    default:
      return '?'
  }
}

function linkWay(key: number): string | undefined {
  return (['iifname', 'oifname'] as const).find(way => NFT_META[way] === key)
}

function verdictWord(code: number): string {
  return Object.entries(VERDICT).find(([, each]) => each === code)?.[0] ?? '?'
}

/** A whole name ends with its NUL; the beginning of many does not. */
function linkName(data: Buffer | undefined): string {
  const bytes = parseAttributes(data ?? Buffer.alloc(0)).get(NFTA_DATA.VALUE) ?? Buffer.alloc(0)
  return bytes.includes(0) ? (attributeText(bytes) ?? '') : `${bytes}*`
}

function expressionsOf(list: Buffer): (readonly [string, Map<number, Buffer>])[] {
  return listAttributes(list).map(([, expression]) => {
    const parts = parseAttributes(expression)
    return [
      attributeText(parts.get(NFTA_EXPR.NAME)) ?? '',
      parseAttributes(parts.get(NFTA_EXPR.DATA) ?? Buffer.alloc(0)),
    ]
  })
}

function numberOf(payload: Buffer | undefined): number {
  return payload === undefined || payload.length < 4 ? Number.NaN : payload.readInt32BE(0)
}
