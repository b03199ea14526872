import { loadRuleset, runNft } from './nft.ts'
import { tableName } from './ruleset.ts'

/**
 * What foreign chains have for us: the links that are let through beside `tsc-*`, those of a name of the user's; or nothing.
 */
export type ForeignAccess = readonly string[] | 'none'

/**
 * An accept in our table can't undo a drop in another one: every base chain of a hook has its say. Docker, ufw and
 * others set the policy of iptables' FORWARD chain to drop, and then nothing of our containers would leave the machine.
 * So, where that policy is drop, our bridges are let through at the place made for it: Docker's DOCKER-USER chain, or
 * the top of FORWARD. The rules carry our table's name as comment; they are in the form iptables-nft reads.
 * What goes from our bridges to Docker's own is left for Docker to judge; what comes in, our own table judges. Within
 * itself a link passes first (with br_netfilter its own frames come here): its name may look like one of Docker's.
 */
function rulesFor(named: readonly string[]): string[] {
  const ours = ['tsc-*', ...named]
  return [
    ...named.map(link => rule('accept', link, link)),
    ...ours.flatMap(link => [rule('return', link, 'docker0'), rule('return', link, 'br-*')]),
    ...ours.flatMap(link => [rule('accept', link, undefined), rule('accept', undefined, link)]),
  ]
}

/** A rule's text as nft lists it; `VERDICT` stands behind the counter. */
function rule(verdict: string, from: string | undefined, to: string | undefined): string {
  const matches = [
    ...(from === undefined ? [] : [`iifname "${from}"`]),
    ...(to === undefined ? [] : [`oifname "${to}"`]),
  ]
  return `${matches.join(' ')} counter ${verdict}`
}

/** The tables of iptables-nft that can drop what our own table accepts. */
export const FOREIGN_TABLES: readonly string[] = ['ip filter', 'ip6 filter']

/** The nft commands that are needed beside what `listing` (of `nft -a list table …`) shows; empty when none. */
export function foreignCommands(
  table: string,
  listing: string,
  engineId: string,
  wanted: ForeignAccess,
): string {
  const comment = tableName(engineId)
  const there = oursIn(listing, comment)
  const needed =
    wanted !== 'none' && chainText(listing, 'FORWARD').includes('policy drop') ? rulesFor(wanted) : []
  if (needed.join() === there.map(({ text }) => text).join()) return ''
  const removal = there.map(({ chain, handle }) => `delete rule ${table} ${chain} handle ${handle}\n`)
  const chain = chainText(listing, 'DOCKER-USER') === '' ? 'FORWARD' : 'DOCKER-USER'
  const insertion = needed
    .toReversed()
    .map(text => `insert rule ${table} ${chain} ${text} comment "${comment}"\n`)
  return [...removal, ...insertion].join('')
}

/** Lets our bridges through foreign FORWARD chains that drop, or takes those rules back; looks at `tables` whole. */
export async function adjustForeignForward(
  engineId: string,
  wanted: ForeignAccess,
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

/** Text of a chain in a listing; empty when it is not there. */
function chainText(listing: string, chain: string): string {
  const start = listing.search(new RegExp(`^\\tchain ${chain} \\{`, 'm'))
  return start < 0 ? '' : listing.slice(start, listing.indexOf('\n\t}', start))
}

/** Our rules in the order in which they are met. */
function oursIn(
  listing: string,
  comment: string,
): { readonly chain: string; readonly handle: string; readonly text: string }[] {
  const line = new RegExp(
    `^\\s*(.+ counter) packets \\d+ bytes \\d+ (\\w+) comment "${comment}" # handle (\\d+)`,
    'gm',
  )
  return ['DOCKER-USER', 'FORWARD'].flatMap(chain =>
    [...chainText(listing, chain).matchAll(line)].map(([, match, verdict, handle = '']) => ({
      chain,
      handle,
      text: `${match} ${verdict}`,
    })),
  )
}
