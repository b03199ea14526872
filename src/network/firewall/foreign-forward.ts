import { loadRuleset, runNft } from './nft.ts'
import { tableName } from './ruleset.ts'

/**
 * An accept in our table can't undo a drop in another one: every base chain of a hook has its say. Docker, ufw and
 * others set the policy of iptables' FORWARD chain to drop, and then nothing of our containers would leave the machine.
 * So, where that policy is drop, our bridges are let through at the place made for it: Docker's DOCKER-USER chain, or
 * the top of FORWARD. The rules carry our table's name as comment; they are in the form iptables-nft reads.
 * What goes from our bridges to Docker's own is left for Docker to judge; what comes in, our own table judges.
 */
const RULES = [
  ['iifname "tsc-*" oifname "docker0"', 'return'],
  ['iifname "tsc-*" oifname "br-*"', 'return'],
  ['iifname "tsc-*"', 'accept'],
  ['oifname "tsc-*"', 'accept'],
] as const

/** The tables of iptables-nft that can drop what our own table accepts. */
export const FOREIGN_TABLES: readonly string[] = ['ip filter', 'ip6 filter']

/** The nft command whose output `openForeignForward` reads: names, hooks and policies of all chains, without rules. */
export const LIST_CHAINS = 'list chains\n'

/** The nft commands that are needed beside what `listing` (of `nft -a list table …`) shows; empty when none. */
export function foreignCommands(
  table: string,
  listing: string,
  engineId: string,
  wanted: 'present' | 'absent',
): string {
  const comment = tableName(engineId)
  const ours = oursIn(listing, comment)
  const needed = wanted === 'present' && chainText(listing, 'FORWARD').includes('policy drop')
  if (needed && ours.length === RULES.length) return ''
  const removal = ours.map(({ chain, handle }) => `delete rule ${table} ${chain} handle ${handle}\n`)
  const chain = chainText(listing, 'DOCKER-USER') === '' ? 'FORWARD' : 'DOCKER-USER'
  const insertion = needed
    ? [...RULES].reverse().map(([match, verdict]) => insertRule(table, chain, match, verdict, comment))
    : []
  return [...removal, ...insertion].join('')
}

/** Lets our bridges through foreign FORWARD chains that drop, or takes those rules back; looks at `tables` whole. */
export async function adjustForeignForward(
  engineId: string,
  wanted: 'present' | 'absent',
  nft: typeof runNft = runNft,
  tables: readonly string[] = FOREIGN_TABLES,
): Promise<void> {
  const commands = await Promise.all(
    tables.map(async table => {
      const { code, stdout } = await nft(['-a', 'list', 'table', ...table.split(' ')])
      return code === 0 ? foreignCommands(table, stdout, engineId, wanted) : ''
    }),
  )
  const text = commands.join('')
  if (text !== '') await loadRuleset(text, nft)
}

/**
 * As `adjustForeignForward` to `present`, where it is known that none of our rules are there: `listing` of `LIST_CHAINS`,
 * which comes with another run of nft, tells enough. Gives the tables that have rules of ours now.
 */
export async function openForeignForward(
  engineId: string,
  listing: string,
  nft: typeof runNft = runNft,
): Promise<readonly string[]> {
  const commands = FOREIGN_TABLES.map(table => ({
    table,
    text: foreignCommands(table, tableText(listing, table), engineId, 'present'),
  })).filter(({ text }) => text !== '')
  if (commands.length > 0) await loadRuleset(commands.map(({ text }) => text).join(''), nft)
  return commands.map(({ table }) => table)
}

/** Text of one table in a listing of many; empty when it is not there. */
function tableText(listing: string, table: string): string {
  const start = listing.search(new RegExp(`^table ${table} \\{`, 'm'))
  return start < 0 ? '' : listing.slice(start, listing.indexOf('\n}', start))
}

function insertRule(table: string, chain: string, match: string, verdict: string, comment: string): string {
  return `insert rule ${table} ${chain} ${match} counter ${verdict} comment "${comment}"\n`
}

/** Text of a chain in a listing; empty when it is not there. */
function chainText(listing: string, chain: string): string {
  const start = listing.search(new RegExp(`^\\tchain ${chain} \\{`, 'm'))
  return start < 0 ? '' : listing.slice(start, listing.indexOf('\n\t}', start))
}

function oursIn(listing: string, comment: string): { readonly chain: string; readonly handle: string }[] {
  return ['DOCKER-USER', 'FORWARD'].flatMap(chain =>
    [...chainText(listing, chain).matchAll(new RegExp(`comment "${comment}" # handle (\\d+)`, 'g'))].map(
      match => ({ chain, handle: match[1] ?? '' }),
    ),
  )
}
