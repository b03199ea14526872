import type { RulesConnection } from '../../native/index.ts'
import {
  dropsRest,
  dumpChains,
  dumpRules,
  dumpTables,
  insertRule,
  type ListedChain,
  type ListedRule,
  nftBatch,
  parseChains,
  parseRules,
  parseTables,
  removeRule,
  ruleWords,
} from '../netlink/index.ts'
import { heldOutput } from '../shortcut/held-output.ts'
import type { Families } from '../shortcut/programs.ts'
import { type FirewalldSight, isFirewalld, zonesIn } from './firewalld-table.ts'
import { FOREIGN_HOOKS, type ForeignAccess, type ForeignHook, foreignRules } from './foreign-rules.ts'
import { isEngineTable, tableName } from './ruleset.ts'

/** A table of somebody else's, and what it is to be changed by. */
export interface ForeignChange {
  /** In the words of nft(8): `ip filter`. */
  readonly table: string
  readonly messages: readonly Buffer[]
}

/** What foreign tables need, so that what is wanted passes, and no more than that is there of ours. */
export interface ForeignNeeds {
  readonly changes: readonly ForeignChange[]
  /** Whether somebody drops what comes in to the host: it needs to know of ports. */
  readonly asksForPorts: boolean
  /** Firewalld's table, where no rule can be put into it. */
  readonly firewalld?: FirewalldSight
  /** Of which families somebody has a say in what the host's own processes send. */
  readonly heldOutput: Families
}

/** Chains of others that packets come to, of a hook that matters to us. */
type ForeignBase = ListedChain & { readonly hook: ForeignHook }

/** Looks at all foreign chains. Our rules there carry our table's name as comment. */
export async function foreignNeeds(
  connection: Pick<RulesConnection, 'list'>,
  engineId: string,
  wanted: ForeignAccess,
): Promise<ForeignNeeds> {
  const chains = parseChains(await connection.list(dumpChains()))
  const foreign = chains.filter(isForeign)
  const rulesOf = await listRules(connection, foreign)
  const changes: ForeignChange[] = []
  let asksForPorts = false
  const firewalld = await ownedFirewalld(connection, foreign, rulesOf)
  for (const base of foreign.filter(isOpenedFor)) {
    if (firewalld !== undefined && isFirewalld(base)) continue
    const rules = rulesOf(base)
    const isClosed = dropsRest(base, rules)
    asksForPorts ||= isClosed && base.hook === 'input'
    const messages = changesOf(base, rules, chains, tableName(engineId), isClosed ? wanted : 'none')
    if (messages.length > 0) changes.push({ table: tableOf(base), messages })
  }
  return {
    changes,
    asksForPorts,
    heldOutput: heldOutput(foreign, rulesOf),
    ...(firewalld === undefined ? {} : { firewalld }),
  }
}

/** What firewalld's table says where firewalld alone may change it. */
async function ownedFirewalld(
  connection: Pick<RulesConnection, 'list'>,
  foreign: readonly ListedChain[],
  rulesOf: (chain: ListedChain) => readonly ListedRule[],
): Promise<FirewalldSight | undefined> {
  const [some, ...others] = foreign.filter(isFirewalld)
  if (some === undefined) return undefined
  const tables = parseTables(await connection.list(dumpTables()))
  if (!tables.some(({ family, name, isOwned }) => isOwned && isFirewalld({ family, table: name })))
    return undefined
  const rules = rulesOf(some)
  const isClosed = (hook: ForeignHook): boolean =>
    [some, ...others].some(each => isOpenedFor(each) && each.hook === hook && dropsRest(each, rules))
  return { ...zonesIn(rules), isClosed: { forward: isClosed('forward'), input: isClosed('input') } }
}

/** The rules of the tables of these chains; of each table once. */
async function listRules(
  connection: Pick<RulesConnection, 'list'>,
  chains: readonly ListedChain[],
): Promise<(chain: ListedChain) => readonly ListedRule[]> {
  const listed = new Map<string, readonly ListedRule[]>()
  for (const chain of chains) {
    const table = tableOf(chain)
    if (!listed.has(table))
      listed.set(table, parseRules(await connection.list(dumpRules(chain.family, chain.table))))
  }
  return chain => listed.get(tableOf(chain)) ?? []
}

const tableOf = ({ family, table }: ListedChain): string => `${family} ${table}`

/** One transaction a chain that packets come to: who may not change one of them still changes the others. */
export function foreignBatch({ messages }: ForeignChange): Buffer {
  return nftBatch(...messages)
}

/** Chains of others that have a say in our packets. */
function isForeign(chain: ListedChain): boolean {
  const { family, table, hook, type } = chain
  const decides = isOpenedFor(chain) || (hook === 'output' && (type === 'filter' || type === 'route'))
  return decides && family !== 'netdev' && !isEngineTable(table)
}

function isOpenedFor(chain: ListedChain): chain is ForeignBase {
  return chain.type === 'filter' && FOREIGN_HOOKS.some(each => each === chain.hook)
}

/** At the place made for it, Docker's DOCKER-USER chain, or the top of the chain that drops. */
function changesOf(
  base: ForeignBase,
  rules: readonly ListedRule[],
  chains: readonly ListedChain[],
  comment: string,
  wanted: ForeignAccess,
): Buffer[] {
  const { family, table, hook } = base
  const isDocker =
    hook === 'forward' &&
    chains.some(each => each.family === family && each.table === table && each.name === 'DOCKER-USER')
  const name = isDocker ? 'DOCKER-USER' : base.name
  const ours = rules.filter(each => each.comment === comment && [name, base.name].includes(each.chain))
  const needed = wanted === 'none' ? [] : foreignRules(hook, base, wanted).map(({ encode }) => encode())
  const isThere = ours.every(({ chain }) => chain === name)
  if (isThere && needed.map(ruleWords).join() === ours.map(({ words }) => words).join()) return []
  return [
    ...ours.map(each => removeRule({ family, table, name: each.chain }, each.handle)),
    // The last one that is inserted is met first.
    ...needed.toReversed().map(each => insertRule({ family, table, name }, each, comment)),
  ]
}
