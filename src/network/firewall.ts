import { adjustForeignForward } from './foreign-forward.ts'
import { loadRuleset, runNft } from './nft.ts'
import { type FirewallState, renderRuleset, tableName } from './nftables.ts'

export interface FirewallOptions {
  /** Empty for the default root, else 6 hex digits. */
  readonly engineId: string
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
  /** What foreign tables have of ours, as far as we know. */
  #foreign: 'present' | 'absent' | undefined
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
    this.#foreign = undefined
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

  /** Our table and the foreign ones side by side: neither needs the other, and each nft costs some milliseconds. */
  async #load(): Promise<void> {
    const state = this.#options.state()
    const ruleset = renderRuleset(this.#options.engineId, state)
    const ended = await Promise.allSettled([
      this.#loadTable(ruleset),
      this.#adjustForeign(state.networks.length > 0 ? 'present' : 'absent'),
    ])
    for (const part of ended) if (part.status === 'rejected') throw part.reason
  }

  async #loadTable(ruleset: string): Promise<void> {
    if (ruleset === this.#loaded) return
    this.#loaded = undefined
    await loadRuleset(ruleset, this.#options.nft)
    this.#loaded = ruleset
  }

  async #adjustForeign(wanted: 'present' | 'absent'): Promise<void> {
    if (wanted === this.#foreign) return
    this.#foreign = undefined
    await adjustForeignForward(this.#options.engineId, wanted, this.#options.nft)
    this.#foreign = wanted
  }
}
