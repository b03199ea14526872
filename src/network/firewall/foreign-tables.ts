import type { NetlinkOp } from '../../native/index.ts'
import {
  containerNetlink,
  nftBatch,
  parseChains,
  parseRules,
  removeTable,
  type TableFamily,
} from '../netlink/index.ts'
import { isEngineTable } from './ruleset.ts'

/** A table of nf_tables in a container's namespace that is none of ours and may refuse packets, or lead them elsewhere. */
export interface ForeignTable {
  readonly family: TableFamily
  readonly name: string
  /** `3 rules`, `drops all else`. */
  readonly does: string
}

/** Of a rule that changes nothing for a packet: tests that we know, counting and letting pass. */
const HARMLESS =
  /^((accept|return|counter|log|(iif|oif)name "[^"]*"|(mark|nfproto|l4proto|@[\d,]+)( cmp\d)? 0x\w+)( |$))*$/

/** Those that are listed (`tablesOps`). */
export function foreignTables([chains, rules]: readonly Buffer[]): ForeignTable[] {
  const all = chains === undefined ? [] : parseChains(chains)
  const listed = rules === undefined ? [] : parseRules(rules)
  const places = new Map(
    all
      .filter(({ table }) => !isEngineTable(table))
      .map(({ family, table }) => [`${family} ${table}`, { family, name: table }] as const),
  )
  return [...places.values()].flatMap(({ family, name }) => {
    const isOf = (each: { readonly family: TableFamily; readonly table: string }): boolean =>
      each.family === family && each.table === name
    const acting = listed.filter(rule => isOf(rule) && !HARMLESS.test(rule.words)).length
    const closed = all.some(chain => isOf(chain) && chain.policy === 'drop')
    if (acting === 0 && !closed) return []
    return [{ family, name, does: closed ? 'drops all else' : `${acting} rule${acting > 1 ? 's' : ''}` }]
  })
}

/** Removes one, in the container's namespace. */
export function removeTableOp({ family, name }: ForeignTable): NetlinkOp {
  const bytes = nftBatch(removeTable(family, name))
  return { ...containerNetlink(`remove the table ${family} ${name} of others`, bytes), protocol: 'netfilter' }
}
