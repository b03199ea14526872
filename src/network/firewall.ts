import { adjustForeignForward } from './foreign-forward.ts'
import { loadRuleset, runNft } from './nft.ts'
import { type FirewallState, renderRuleset } from './nftables.ts'

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

  /** A run begins when the one before has ended, well or not: its failure belongs to those who waited for it. */
  async #afterRunning(): Promise<void> {
    await this.#running.catch(() => undefined)
    const run = this.#load()
    this.#running = run
    this.#next = undefined
    await run
  }

  async #load(): Promise<void> {
    const { engineId, state, nft = runNft } = this.#options
    const current = state()
    const ruleset = renderRuleset(engineId, current)
    const foreign = current.networks.length > 0 ? 'present' : 'absent'
    if (ruleset !== this.#loaded) {
      this.#loaded = undefined
      await loadRuleset(ruleset, nft)
      this.#loaded = ruleset
    }
    if (foreign !== this.#foreign) {
      this.#foreign = undefined
      await adjustForeignForward(engineId, foreign, nft)
      this.#foreign = foreign
    }
  }
}
