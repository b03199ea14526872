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
  NFTA_PAYLOAD,
  NFTA_RULE,
  NFTA_VERDICT,
  type TableFamily,
  VERDICT,
} from './nft-attribute.ts'
import { commentOf, nftDump, parseListed } from './nft-list.ts'

const NFTA_TARGET_NAME = 1
const NFTA_RANGE = { OP: 2, FROM: 3, TO: 4 } as const
const NFT_RANGE_EQ = 0

/** A rule that the kernel tells of. */
export interface ListedRule {
  readonly family: TableFamily
  readonly table: string
  readonly chain: string
  /** By which it is removed. */
  readonly handle: Buffer
  readonly comment?: string
  /** Those of nft(8), as far as they are known here: names of interfaces, `counter`, `log`, verdicts; what is compared otherwise by its bytes; `?` stands for all else. */
  readonly words: string
}

/** Asks for the rules of a table. */
export function dumpRules(family: TableFamily, table: string): Buffer {
  return nftDump(NFT_MSG.GETRULE, family, textAttribute(NFTA_RULE.TABLE, table))
}

/** Rules of a dump's answer, in the order in which they are met. */
export function parseRules(bytes: Buffer): ListedRule[] {
  return parseListed(bytes, NFT_MSG.NEWRULE).map(({ family, attributes }) => ({
    family,
    table: attributeText(attributes.get(NFTA_RULE.TABLE)) ?? '',
    chain: attributeText(attributes.get(NFTA_RULE.CHAIN)) ?? '',
    handle: attributes.get(NFTA_RULE.HANDLE) ?? Buffer.alloc(8),
    ...commentOf(attributes.get(NFTA_RULE.USERDATA)),
    words: wordsOf(
      listAttributes(attributes.get(NFTA_RULE.EXPRESSIONS) ?? Buffer.alloc(0)).map(([, each]) =>
        namedExpression(each),
      ),
    ),
  }))
}

/** The words of a rule that is not in the kernel yet. */
export function ruleWords(expressions: readonly Buffer[]): string {
  return wordsOf(expressions.map(namedExpression))
}

function wordsOf(expressions: readonly Expression[]): string {
  const words: string[] = []
  /** What is compared next. */
  let loaded: string | undefined
  for (const [name, data] of expressions) {
    const load = loadedBy(name, data)
    if (load !== undefined) loaded = load
    else words.push((loaded !== undefined && compared(loaded, name, data)) || wordOf(name, data))
    if (load === undefined && name !== 'cmp') loaded = undefined
  }
  return words.join(' ')
}

/** What an expression puts into a register to be compared: `iifname`, `l4proto`, or a part of a header as nft(8) writes a raw one. */
function loadedBy(name: string, data: Map<number, Buffer>): string | undefined {
  if (name === 'meta' && data.has(NFTA_META.DREG)) {
    const key = numberOf(data.get(NFTA_META.KEY))
    return Object.entries(NFT_META).find(([, each]) => each === key)?.[0] ?? `meta ${key}`
  }
  if (name !== 'payload' || !data.has(NFTA_PAYLOAD.DREG)) return undefined
  const [base, offset, length] = [NFTA_PAYLOAD.BASE, NFTA_PAYLOAD.OFFSET, NFTA_PAYLOAD.LEN].map(each =>
    numberOf(data.get(each)),
  )
  return `@${base},${offset},${length}`
}

/** What a register is held against: one value, or two that it is to be between; undefined for all else. */
function compared(loaded: string, name: string, data: Map<number, Buffer>): string | undefined {
  if (name === 'cmp') return comparison(loaded, data)
  if (name !== 'range' || numberOf(data.get(NFTA_RANGE.OP)) !== NFT_RANGE_EQ) return undefined
  const [from, to] = [NFTA_RANGE.FROM, NFTA_RANGE.TO].map(
    each =>
      `0x${parseAttributes(data.get(each) ?? Buffer.alloc(0))
        .get(NFTA_DATA.VALUE)
        ?.toString('hex')}`,
  )
  return `${loaded} range ${from} ${to}`
}

function comparison(loaded: string, data: Map<number, Buffer>): string {
  const how = numberOf(data.get(NFTA_CMP.OP))
  const bytes = parseAttributes(data.get(NFTA_CMP.DATA) ?? Buffer.alloc(0)).get(NFTA_DATA.VALUE)
  const isLink = loaded === 'iifname' || loaded === 'oifname'
  const value = isLink ? `"${linkName(bytes)}"` : `0x${bytes?.toString('hex')}`
  return [loaded, ...(how === NFT_CMP.equal ? [] : [`cmp${how}`]), value].join(' ')
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

function verdictWord(code: number): string {
  return Object.entries(VERDICT).find(([, each]) => each === code)?.[0] ?? '?'
}

/** A whole name ends with its NUL; the beginning of many does not. */
function linkName(bytes: Buffer = Buffer.alloc(0)): string {
  return bytes.includes(0) ? (attributeText(bytes) ?? '') : `${bytes}*`
}

/** What an expression is called, and its attributes. */
type Expression = readonly [string, Map<number, Buffer>]

function namedExpression(bytes: Buffer): Expression {
  const parts = parseAttributes(bytes)
  return [
    attributeText(parts.get(NFTA_EXPR.NAME)) ?? '',
    parseAttributes(parts.get(NFTA_EXPR.DATA) ?? Buffer.alloc(0)),
  ]
}

function numberOf(payload: Buffer | undefined): number {
  return payload === undefined || payload.length < 4 ? Number.NaN : payload.readInt32BE(0)
}
