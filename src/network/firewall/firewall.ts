import { type Failure, failure, messageOf } from '../../diagnostics/index.ts'
import { type Native, nativeErrorOf, type RulesConnection } from '../../native/index.ts'
import { dumpChains, parseChains } from '../netlink/index.ts'
import type { FirewallState } from './firewall-state.ts'
import { adjustForeignForward, FOREIGN_TABLES, type ForeignAccess } from './foreign-forward.ts'
import type { runNft } from './nft.ts'
import { linksOfOwnName, tableName, tableOf } from './ruleset.ts'
import type { Table } from './table.ts'
import { changeTable, dropTable, replaceTable } from './table-change.ts'

export interface FirewallOptions {
  /** Empty for the default root, else 6 hex digits. */
  readonly engineId: string
  /** The engine's ROOT. */
  readonly owner?: string
  /** Read when a run begins, so that one run takes all changes made before it. */
  readonly state: () => FirewallState
  /** The way to the kernel. */
  readonly native: Pick<Native, 'openRules'>
  /** Called with each table before the kernel gets it: for tests. */
  readonly onTable?: (table: Table | undefined) => void
  /** Runs `nft`; replaced in tests. */
  readonly nft?: typeof runNft
}

/**
 * Keeps the kernel's table equal to the state, by transactions of what has changed; many changes while one is made become
 * one next one. Where the kernel refuses a change, as somebody else has changed the table, the whole table is made anew.
 */
export class Firewall {
  readonly #options: FirewallOptions
  #connection: RulesConnection | undefined
  /** What the kernel has, as far as we know; undefined: no table. An engine that starts with networks repairs. */
  #loaded: Table | 'unknown' | undefined
  /** Foreign tables that have rules of ours, as far as we know; 'unknown' before a `repair`. */
  #foreign: readonly string[] | 'none' | 'unknown' = 'none'
  /** What those rules let through. */
  #access: ForeignAccess = 'none'
  /** Whether the next run takes nothing for known. */
  #isDoubted = false
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(options: FirewallOptions) {
    this.#options = options
  }

  /** Resolves when the state of this moment is in the kernel. */
  apply(): Promise<void> {
    this.#next ??= this.#afterRunning()
    return this.#next
  }

  /** As `apply`, but makes the whole table anew: somebody may have flushed it. For `up` and for an engine that starts. */
  repair(): Promise<void> {
    this.#isDoubted = true
    return this.apply()
  }

  /** Whether the kernel has our table, as others may flush all tables. */
  async observe(): Promise<'present' | 'missing'> {
    const name = tableName(this.#options.engineId)
    const chains = parseChains(await (await this.#kernel()).list(dumpChains()))
    return chains.some(({ table }) => table === name) ? 'present' : 'missing'
  }

  /** Lets go of the connection to the kernel; the rules stay. */
  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  /** A run begins when the one before has ended, well or not: its failure belongs to those who waited for it. */
  async #afterRunning(): Promise<void> {
    await this.#running.catch(() => undefined)
    const run = this.#load()
    this.#running = run
    this.#next = undefined
    await run
  }

  async #load(): Promise<void> {
    if (this.#isDoubted) {
      this.#isDoubted = false
      this.#loaded = 'unknown'
      this.#foreign = 'unknown'
    }
    const state = this.#options.state()
    await this.#write(tableOf(this.#options.engineId, state, this.#options.owner))
    await this.#adjustForeign(state.networks.length > 0 ? linksOfOwnName(state) : 'none')
  }

  async #write(wanted: Table | undefined): Promise<void> {
    const before = this.#loaded
    try {
      this.#options.onTable?.(wanted)
      const change = this.#changeTo(wanted)
      if (change !== undefined) await this.#send(change)
    } catch (error) {
      this.#loaded = 'unknown'
      if (before === undefined || before === 'unknown' || wanted === undefined) throw refused(error)
      await this.#write(wanted)
      return
    }
    this.#loaded = wanted
  }

  #changeTo(wanted: Table | undefined): Buffer | undefined {
    const before = this.#loaded
    if (wanted === undefined)
      return before === undefined ? undefined : dropTable(tableName(this.#options.engineId))
    if (before === undefined || before === 'unknown') return replaceTable(wanted)
    const change = changeTable(before, wanted)
    return change === 'replace' ? replaceTable(wanted) : change
  }

  async #send(batch: Buffer): Promise<void> {
    await (await this.#kernel()).change(batch)
  }

  async #kernel(): Promise<RulesConnection> {
    if (this.#connection?.isOpen !== true)
      this.#connection = await this.#options.native.openRules(() => undefined)
    return this.#connection
  }

  /** Makes sure of foreign tables, all of them when it is unknown which have rules of ours. */
  async #adjustForeign(wanted: ForeignAccess): Promise<void> {
    const known = this.#foreign
    if (known !== 'unknown' && JSON.stringify(wanted) === JSON.stringify(this.#access)) return
    this.#foreign = 'unknown'
    const tables = typeof known === 'string' ? await this.#foreignTables(known, wanted) : known
    if (tables.length > 0)
      await adjustForeignForward(this.#options.engineId, wanted, this.#options.nft, tables)
    this.#foreign = wanted === 'none' ? 'none' : tables
    this.#access = wanted
  }

  /** Those that may have rules of ours, or want some. */
  async #foreignTables(known: 'none' | 'unknown', wanted: ForeignAccess): Promise<readonly string[]> {
    const chains = parseChains(await (await this.#kernel()).list(dumpChains())).filter(
      ({ name, hook, policy }) =>
        name === 'FORWARD' && hook === 'forward' && (known === 'unknown' || policy === 'drop'),
    )
    if (known === 'none' && wanted === 'none') return []
    const there = new Set(chains.map(({ family, table }) => `${family} ${table}`))
    return FOREIGN_TABLES.filter(table => there.has(table))
  }
}

/** Why the kernel has not taken the rules. */
function refused(error: unknown): Failure {
  const known = nativeErrorOf(error)
  return failure({
    code: 'FIREWALL_FAILED',
    kind: 'internal',
    summary: 'the kernel refused the firewall rules',
    detail: known === undefined ? messageOf(error) : `${known.errno} ${known.detail}`.trim(),
    hint: 'Networks and published ports need nf_tables with NAT in the kernel (modules nft_chain_nat, nft_masq, nft_fib_inet)',
    cause: error,
  })
}
