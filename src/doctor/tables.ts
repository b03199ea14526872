import type { Native, RulesConnection } from '../native/index.ts'
import {
  dumpChains,
  dumpRules,
  dumpTables,
  type ListedChain,
  type ListedRule,
  type ListedTable,
  nftBatch,
  parseChains,
  parseRules,
  parseTables,
  removeRule,
  removeTable,
} from '../network/netlink/index.ts'

/** A table of nf_tables with all that is asked of it here. */
export interface KernelTable extends ListedTable {
  readonly chains: readonly ListedChain[]
  readonly rules: readonly ListedRule[]
}

/** Where rules of one comment stand, in the words of nft(8): family, table, chain, comment. */
export function placeOfRule(table: Pick<KernelTable, 'family' | 'name'>, rule: ListedRule): string {
  return `${table.family} ${table.name} ${rule.chain} ${rule.comment ?? ''}`
}

/** All tables of the host. Fails with what the kernel says to those who may not ask. */
export function readTables(native: Pick<Native, 'openRules'>): Promise<KernelTable[]> {
  return withRules(native, readAll)
}

/** Removes a table of an engine. */
export function removeEngineTable(native: Pick<Native, 'openRules'>, name: string): Promise<void> {
  return withRules(native, connection => connection.change(nftBatch(removeTable('inet', name))))
}

/** Removes all rules that stand at a place as of `placeOfRule`, in one transaction; fine when they have gone. */
export function removeRulesAt(native: Pick<Native, 'openRules'>, place: string): Promise<void> {
  return withRules(native, async connection => {
    const messages = (await readAll(connection)).flatMap(table =>
      table.rules
        .filter(each => placeOfRule(table, each) === place)
        .map(({ chain, handle }) =>
          removeRule({ family: table.family, table: table.name, name: chain }, handle),
        ),
    )
    if (messages.length > 0) await connection.change(nftBatch(...messages))
  })
}

async function readAll(connection: RulesConnection): Promise<KernelTable[]> {
  const chains = parseChains(await connection.list(dumpChains()))
  const found: KernelTable[] = []
  for (const table of parseTables(await connection.list(dumpTables()))) {
    const { family, name } = table
    found.push({
      ...table,
      chains: chains.filter(each => each.family === family && each.table === name),
      rules: parseRules(await connection.list(dumpRules(family, name))),
    })
  }
  return found
}

/** Has a connection for as long as some work takes. */
export async function withRules<T>(
  native: Pick<Native, 'openRules'>,
  work: (connection: RulesConnection) => Promise<T>,
): Promise<T> {
  const connection = await native.openRules(() => undefined)
  try {
    return await work(connection)
  } finally {
    connection.close()
  }
}
