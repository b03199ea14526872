import type { Health, HealthcheckResult, HealthStatus } from '../../api/types/index.ts'
import type { HealthState } from '../state/health-state.ts'
import type { HealthPlan } from '../terms/health.ts'

/** Probes that are remembered, as Docker does. */
const REMEMBERED = 5

/** Bytes of a probe's output that are kept. */
export const MOST_OUTPUT = 4096

/** What one probe has come to: 0 is well. */
export type Checked = Pick<HealthcheckResult, 'ExitCode' | 'Output'>

/** One check, which ends when `over` is aborted at the latest; what it throws is a check that could not be made. */
export type Checker = (over: AbortSignal) => Promise<Checked>

/** What one result changes: Docker's rules for the start period and the number of retries. */
export interface HealthRules {
  readonly retries: number
  /** Failures count only once this is over, or after the first success. */
  readonly inStartPeriod: boolean
}

/** The state after one more result; `stop` is left alone. */
export function afterResult(
  state: Readonly<Pick<HealthState, 'status' | 'failingStreak' | 'log'>>,
  result: HealthcheckResult,
  rules: HealthRules,
): Pick<HealthState, 'status' | 'failingStreak' | 'log'> {
  const log = [...state.log, result].slice(-REMEMBERED)
  if (result.ExitCode === 0) return { status: 'healthy', failingStreak: 0, log }
  if (rules.inStartPeriod && state.status === 'starting') return { ...state, log }
  const failingStreak = state.failingStreak + 1
  return { status: failingStreak >= rules.retries ? 'unhealthy' : state.status, failingStreak, log }
}

/**
 * Milliseconds to the next regular probe, `elapsed` milliseconds after the start: quick ones only in the start period and
 * until the first success, as Docker has it.
 */
export function intervalOf(plan: HealthPlan, status: HealthStatus, elapsed: number): number {
  return status === 'starting' && elapsed < plan.startPeriod ? plan.startInterval : plan.interval
}

/** The wire form. */
export function renderHealth(state: HealthState): Health {
  return { Status: state.status, FailingStreak: state.failingStreak, Log: state.log }
}
