import { attributeText, eachAttribute, listAttributes, parseAttributes } from './attribute.ts'
import { eachMessage, parseMessages, plainRequest } from './message.ts'
import { NFNL_SUBSYS_NFTABLES, NFT_MSG, NFTA_CHAIN, NFTA_EXPR, NFTA_RULE } from './nft-attribute.ts'
import { nftDump } from './nft-list.ts'

/** Asks for the rules of all tables. */
export function dumpAllRules(): Buffer {
  return nftDump(NFT_MSG.GETRULE)
}

const NFTA_GEN_ID = 1

/** Asks which generation of its tables a namespace has: another one after each change. */
export function askGeneration(): Buffer {
  return plainRequest((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG.GETGEN, Buffer.alloc(HEAD))
}

/** Reads the answer; undefined where there is none. */
export function parseGeneration(bytes: Buffer): number | undefined {
  let generation: number | undefined
  eachMessage(bytes, (type, from, to) => {
    if (!isAbout(type, NFT_MSG.NEWGEN)) return
    eachAttribute(bytes, from + HEAD, to, (attribute, at, end) => {
      if (attribute === NFTA_GEN_ID && end - at === 4) generation ??= bytes.readUInt32BE(at)
    })
  })
  return generation
}

/** What is in the tables of a namespace, as the kernel has told of it: answers of dumps. */
export interface ListedTables {
  readonly chains: Buffer
  readonly rules: Buffer
}

/** Chains by their place, `ip tscompose_resolver questions`, with the expressions of their rules. */
type Chains = ReadonlyMap<string, readonly Buffer[]>

/**
 * The first chain that a transaction has made (a batch that was sent) and the kernel has not, or has with other rules; undefined where all is there.
 * What the kernel adds to a rule counts for nothing.
 */
export function lostChain(sent: Buffer, listed: ListedTables): string | undefined {
  const have = chainsOf(listed.chains, listed.rules)
  for (const [place, rules] of chainsOf(sent, sent)) {
    const found = have.get(place)
    const isWhole = found?.length === rules.length && rules.every((rule, at) => isRule(rule, found[at]))
    if (!isWhole) return place.split(' ').slice(2).join(' ')
  }
  return undefined
}

function chainsOf(chainMessages: Buffer, ruleMessages: Buffer): Chains {
  const chains = new Map(
    told(chainMessages, NFT_MSG.NEWCHAIN).map(({ family, parts }): [string, Buffer[]] => [
      placeOf(family, parts.get(NFTA_CHAIN.TABLE), parts.get(NFTA_CHAIN.NAME)),
      [],
    ]),
  )
  for (const { family, parts } of told(ruleMessages, NFT_MSG.NEWRULE)) {
    const place = placeOf(family, parts.get(NFTA_RULE.TABLE), parts.get(NFTA_RULE.CHAIN))
    chains.get(place)?.push(parts.get(NFTA_RULE.EXPRESSIONS) ?? NOTHING)
  }
  return chains
}

const NOTHING = Buffer.alloc(0)
/** Bytes of struct nfgenmsg, which stands before the attributes. */
const HEAD = 4

function told(
  bytes: Buffer,
  kind: number,
): { readonly family: number; readonly parts: Map<number, Buffer> }[] {
  return parseMessages(bytes).flatMap(({ type, body }) =>
    isAbout(type, kind) && body.length >= HEAD
      ? [{ family: body.readUInt8(0), parts: parseAttributes(body.subarray(HEAD)) }]
      : [],
  )
}

function isAbout(type: number, kind: number): boolean {
  return type >> 8 !== 0 && (type & 0xff) === kind
}

function placeOf(family: number, table: Buffer | undefined, chain: Buffer | undefined): string {
  return [family, attributeText(table), attributeText(chain)].join(' ')
}

function isRule(sent: Buffer, listed: Buffer | undefined): boolean {
  const [wanted, found] = [expressionsOf(sent), expressionsOf(listed ?? NOTHING)]
  return wanted.length === found.length && wanted.every((each, at) => isExpression(each, found[at]))
}

function expressionsOf(bytes: Buffer): Map<number, Buffer>[] {
  return listAttributes(bytes).map(([, each]) => parseAttributes(each))
}

function isExpression(sent: Map<number, Buffer>, listed: Map<number, Buffer> | undefined): boolean {
  const name = (of: Map<number, Buffer> | undefined): string | undefined =>
    attributeText(of?.get(NFTA_EXPR.NAME))
  if (name(sent) !== name(listed)) return false
  return carries(listed?.get(NFTA_EXPR.DATA) ?? NOTHING, sent.get(NFTA_EXPR.DATA) ?? NOTHING)
}

/** Whether attributes that both have are the same: the number of a set within its transaction, say, is nowhere else. */
function carries(listed: Buffer, sent: Buffer): boolean {
  if (sent.length === 0 || listed.equals(sent) || isRegister(listed, sent)) return true
  const have = listAttributes(listed)
  const wanted = listAttributes(sent)
  if (have.length === 0 || wanted.length === 0) return false
  const byType = new Map(have)
  return wanted.every(([type, payload]) => {
    const found = byType.get(type)
    return found === undefined || carries(found, payload)
  })
}

/** The kernel calls the registers of 4 bytes with which those of 16 begin (NFT_REG32_00 and every fourth) by the number of those. */
function isRegister(listed: Buffer, sent: Buffer): boolean {
  if (listed.length !== 4 || sent.length !== 4) return false
  const number = sent.readUInt32BE()
  return number >= 8 && number <= 20 && number % 4 === 0 && listed.readUInt32BE() === number / 4 - 1
}
