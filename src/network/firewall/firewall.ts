import {
  adjustForeignForward,
  FOREIGN_TABLES,
  type ForeignAccess,
  LIST_CHAINS,
  openForeignForward,
} from './foreign-forward.ts'
import { loadRuleset, runNft } from './nft.ts'
import { type FirewallState, linksOfOwnName, renderRuleset, tableName } from './ruleset.ts'

export interface FirewallOptions {
  /** Empty for the default root, else 6 hex digits. */
  readonly engineId: string
  /** The engine's ROOT. */
  readonly owner?: string
  /** Read when a run begins, so that one run takes all changes made before it. */
  readonly state: () => FirewallState
  /** Runs `nft`; replaced in tests. */
  readonly nft?: typeof runNft
}

/** Keeps the kernel's table equal to the state; many changes while one `nft` runs become one next run. */
export class Firewall {
  readonly #options: FirewallOptions
  /** What the kernel has, as far as we know. */
  #loaded: string | undefined
  /**
   * Foreign tables that have rules of ours, as far as we know; 'unknown' before a `repair`. An engine that starts with
   * networks repairs, so one that does not begins with none.
   */
  #foreign: readonly string[] | 'none' | 'unknown' = 'none'
  /** What those rules let through. */
  #access: ForeignAccess = 'none'
  #running: Promise<void> = Promise.resolve()
  #next: Promise<void> | undefined

  constructor(options: FirewallOptions) {
    this.#options = options
  }

  /** Resolves when the state of this moment is in the kernel; nft is not run when it would load the same text again. */
  apply(): Promise<void> {
    this.#next ??= this.#afterRunning()
    return this.#next
  }

  /** As `apply`, but loads in any case: somebody may have flushed our table. For `up` and for an engine that starts. */
  repair(): Promise<void> {
    this.#loaded = undefined
    this.#foreign = 'unknown'
    return this.apply()
  }

  /** Whether the kernel has our table, as others may flush all tables. One `nft` process: a question for `up`, not for `ps`. */
  async observe(): Promise<'present' | 'missing'> {
    const { engineId, nft = runNft } = this.#options
    const { code } = await nft(['list', 'chain', 'inet', tableName(engineId), 'forward'])
    return code === 0 ? 'present' : 'missing'
  }

  /** A run begins when the one before has ended, well or not: its failure belongs to those who waited for it. */
  async #afterRunning(): Promise<void> {
    await this.#running.catch(() => undefined)
    const run = this.#load()
    this.#running = run
    this.#next = undefined
    await run
  }

  /** Our table and the foreign ones, side by side where neither tells of the other: each nft costs some milliseconds. */
  async #load(): Promise<void> {
    const state = this.#options.state()
    const ruleset = renderRuleset(this.#options.engineId, state, this.#options.owner)
    const wanted = state.networks.length > 0 ? linksOfOwnName(state) : 'none'
    if (wanted !== 'none' && this.#foreign === 'none') {
      const listing = await this.#loadTable(ruleset, LIST_CHAINS)
      this.#foreign = await openForeignForward(this.#options.engineId, listing, wanted, this.#options.nft)
      this.#access = wanted
      return
    }
    const ended = await Promise.allSettled([this.#loadTable(ruleset), this.#adjustForeign(wanted)])
    for (const part of ended) if (part.status === 'rejected') throw part.reason
  }

  /** Loads our table unless the kernel has it, with `question` behind it; resolves to the answer. */
  async #loadTable(ruleset: string, question = ''): Promise<string> {
    const changes = ruleset === this.#loaded ? '' : ruleset
    if (changes + question === '') return ''
    if (changes !== '') this.#loaded = undefined
    const answer = await loadRuleset(changes + question, this.#options.nft)
    this.#loaded = ruleset
    return answer
  }

  /** Makes sure of foreign tables, all of them when it is unknown which have rules of ours. */
  async #adjustForeign(wanted: ForeignAccess): Promise<void> {
    const known = this.#foreign
    if (known !== 'unknown' && JSON.stringify(wanted) === JSON.stringify(this.#access)) return
    this.#foreign = 'unknown'
    const tables = typeof known === 'string' ? FOREIGN_TABLES : known
    await adjustForeignForward(this.#options.engineId, wanted, this.#options.nft, tables)
    this.#foreign = wanted === 'none' ? 'none' : tables
    this.#access = wanted
  }
}
