import type { HealthcheckResult, HealthStatus } from '../../api/types/index.ts'

/** What the probes of a run had found when its status changed last, for an engine that comes after. */
export interface KeptHealth extends Pick<HealthState, 'failingStreak' | 'log' | 'status'> {
  /** The run's, as the state has it: another run begins anew. */
  readonly startedAt: string
}

/** What the probes of the present run have found. */
export interface HealthState {
  status: HealthStatus
  failingStreak: number
  log: readonly HealthcheckResult[]
  /** Ends the probing. */
  stop: () => void
}
