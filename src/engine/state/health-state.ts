import type { HealthcheckResult, HealthStatus } from '../../api/types/index.ts'

/** What the probes of the present run have found. */
export interface HealthState {
  status: HealthStatus
  failingStreak: number
  log: readonly HealthcheckResult[]
  /** Ends the probing. */
  stop: () => void
}
