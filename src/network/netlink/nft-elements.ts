import { attributeText, listAttributes, parseAttributes, textAttribute } from './attribute.ts'
import { NFT_MSG, NFTA_DATA, NFTA_EXPR, NFTA_LIST_ELEM, type TableFamily } from './nft-attribute.ts'
import { nftDump, parseListed } from './nft-list.ts'

/** Attributes of lists of elements, elements and counters (linux/netfilter/nf_tables.h). */
const NFTA_LIST = { TABLE: 1, SET: 2, ELEMENTS: 3 } as const
const NFTA_ELEMENT = { KEY: 1, EXPIRATION: 5, EXPRESSION: 7 } as const
const NFTA_COUNTER_PACKETS = 2

/** An element of a set that the kernel tells of. */
interface ListedElement {
  readonly key: Buffer
  /** Milliseconds until it goes; absent: it stays. */
  readonly expires?: number
  /** Of its counter, where it has one. */
  readonly packets: number
}

/** Asks for the elements of a set. */
export function dumpElements(family: TableFamily, table: string, set: string): Buffer {
  return nftDump(
    NFT_MSG.GETSETELEM,
    family,
    textAttribute(NFTA_LIST.TABLE, table),
    textAttribute(NFTA_LIST.SET, set),
  )
}

/** Elements of a dump's answer. */
export function parseElements(bytes: Buffer): ListedElement[] {
  return parseListed(bytes, NFT_MSG.NEWSETELEM).flatMap(({ attributes }) =>
    listAttributes(attributes.get(NFTA_LIST.ELEMENTS) ?? Buffer.alloc(0)).flatMap(([type, element]) =>
      type === NFTA_LIST_ELEM ? elementOf(element) : [],
    ),
  )
}

function elementOf(bytes: Buffer): ListedElement {
  const parts = parseAttributes(bytes)
  const key = parseAttributes(parts.get(NFTA_ELEMENT.KEY) ?? Buffer.alloc(0)).get(NFTA_DATA.VALUE)
  const expires = numberOf(parts.get(NFTA_ELEMENT.EXPIRATION))
  const counted = parseAttributes(parts.get(NFTA_ELEMENT.EXPRESSION) ?? Buffer.alloc(0))
  const isCounter = attributeText(counted.get(NFTA_EXPR.NAME)) === 'counter'
  const counter = parseAttributes(counted.get(NFTA_EXPR.DATA) ?? Buffer.alloc(0))
  return {
    key: key ?? Buffer.alloc(0),
    ...(expires === undefined ? {} : { expires }),
    packets: (isCounter ? numberOf(counter.get(NFTA_COUNTER_PACKETS)) : undefined) ?? 0,
  }
}

function numberOf(bytes: Buffer | undefined): number | undefined {
  return bytes === undefined || bytes.length < 8 ? undefined : Number(bytes.readBigUInt64BE())
}
