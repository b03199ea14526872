import type { RulesConnection } from '../../native/index.ts'
import {
  counter,
  dropsRest,
  dumpChains,
  dumpRules,
  insertRule,
  type ListedChain,
  type ListedRule,
  nftBatch,
  parseChains,
  parseRules,
  removeRule,
} from '../netlink/index.ts'
import { ACCEPT, link, RETURN } from './rule-words.ts'
import { isEngineTable, tableName } from './ruleset.ts'
import { type Rule, rule } from './table.ts'

/**
 * What foreign chains have for us: the links that are let through beside `tsc-*`, those of a name of the user's; or nothing.
 */
export type ForeignAccess = readonly string[] | 'none'

/** A table of somebody else's, and what it is to be changed by. */
export interface ForeignChange {
  /** In the words of nft(8): `ip filter`. */
  readonly table: string
  readonly messages: readonly Buffer[]
}

const COUNTER: Rule = { text: 'counter', encode: counter }

/**
 * An accept in our table can't undo a drop in another one: every base chain of a hook has its say. Docker, ufw, firewalld and
 * others drop or reject what they don't know in forwarding, and then nothing of our containers would leave the machine.
 * So our bridges are let through at the place made for it, Docker's DOCKER-USER chain, or the top of the chain that
 * drops. The rules carry our table's name as comment; they are in the form iptables-nft reads.
 * What goes from our bridges to Docker's own is left for Docker to judge; what comes in, our own table judges. Within
 * itself a link passes first (with br_netfilter its own frames come here): its name may look like one of Docker's.
 */
export function foreignRules(named: readonly string[]): Rule[] {
  const ours = ['tsc-*', ...named]
  const [inwards, outwards] = ['iifname', 'oifname'] as const
  const [accept, leave] = [rule(COUNTER, ACCEPT), rule(COUNTER, RETURN)]
  return [
    ...named.map(name => rule(link(inwards, name), link(outwards, name), accept)),
    ...ours.flatMap(name => [
      rule(link(inwards, name), link(outwards, 'docker0'), leave),
      rule(link(inwards, name), link(outwards, 'br-*'), leave),
    ]),
    ...ours.flatMap(name => [rule(link(inwards, name), accept), rule(link(outwards, name), accept)]),
  ]
}

/** The changes that foreign tables need, so that what is wanted passes, and no more than that is there of ours. */
export async function foreignChanges(
  connection: Pick<RulesConnection, 'list'>,
  engineId: string,
  wanted: ForeignAccess,
): Promise<ForeignChange[]> {
  const chains = parseChains(await connection.list(dumpChains()))
  const bases = chains.filter(isForeignForward)
  const changes: ForeignChange[] = []
  for (const base of bases) {
    const rules = parseRules(await connection.list(dumpRules(base.family, base.table)))
    const messages = changesOf(base, rules, chains, tableName(engineId), wanted)
    if (messages.length > 0) changes.push({ table: `${base.family} ${base.table}`, messages })
  }
  return changes
}

/** One transaction a table: who may not change one of them still changes the others. */
export function foreignBatch({ messages }: ForeignChange): Buffer {
  return nftBatch(...messages)
}

function isForeignForward({ family, table, hook, type }: ListedChain): boolean {
  return hook === 'forward' && type === 'filter' && family !== 'netdev' && !isEngineTable(table)
}

function changesOf(
  base: ListedChain,
  rules: readonly ListedRule[],
  chains: readonly ListedChain[],
  comment: string,
  wanted: ForeignAccess,
): Buffer[] {
  const { family, table } = base
  const place = chains.some(
    each => each.family === family && each.table === table && each.name === 'DOCKER-USER',
  )
    ? 'DOCKER-USER'
    : base.name
  const ours = rules.filter(each => each.comment === comment && [place, base.name].includes(each.chain))
  const needed = wanted !== 'none' && dropsRest(base, rules) ? foreignRules(wanted) : []
  const isThere = ours.every(({ chain }) => chain === place)
  if (isThere && needed.map(({ text }) => text).join() === ours.map(({ words }) => words).join()) return []
  return [
    ...ours.map(each => removeRule({ family, table, name: each.chain }, each.handle)),
    // The last one that is inserted is met first.
    ...needed.toReversed().map(each => insertRule({ family, table, name: place }, each.encode(), comment)),
  ]
}
