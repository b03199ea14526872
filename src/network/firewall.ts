import { failure } from '../diagnostics/index.ts'
import type { FirewallState } from './nftables.ts'

export interface FirewallOptions {
  /** Empty for the default root, else 6 hex digits. */
  readonly engineId: string
  /** Read when a run begins, so that one run takes all changes made before it. */
  readonly state: () => FirewallState
  /** Runs `nft -f -` with this text; for tests. */
  readonly load?: (ruleset: string) => Promise<void>
}

/** Keeps the kernel's table equal to the state; many changes while one `nft` runs become one next run. */
export class Firewall {
  readonly #options: FirewallOptions

  constructor(options: FirewallOptions) {
    this.#options = options
  }

  /** Resolves when the state of this moment is in the kernel; nft is not run when it would load the same text again. */
  apply(): Promise<void> {
    throw failure({ code: 'NOT_YET', summary: this.#options.engineId })
  }

  /** As `apply`, but after a look into the kernel: loads again if somebody flushed the table. For `up` and adoption. */
  repair(): Promise<void> {
    throw failure({ code: 'NOT_YET', summary: this.#options.engineId })
  }
}
