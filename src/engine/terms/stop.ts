import { parseSignal } from './signals.ts'
import type { Term } from './term.ts'

/** Docker's grace period, in seconds. */
const DEFAULT_GRACE = 10

/** How the container is asked to end, and how long it has. */
export interface StopTerms {
  /** Number of the signal that asks it to end. */
  readonly signal: number
  /** Seconds until it is killed; -1 waits for ever. */
  readonly grace: number
}

type Own = 'StopSignal' | 'StopTimeout'

/** SIGNAL_INVALID. */
export const stopTerm: Term<Own, StopTerms> = {
  fields: { StopSignal: true, StopTimeout: true },
  path: 'StopSignal',
  read: ({ StopSignal, StopTimeout }) => ({
    signal: parseSignal(StopSignal || 'SIGTERM'),
    // Docker takes any time before now for none at all.
    grace: Math.max(StopTimeout ?? DEFAULT_GRACE, -1),
  }),
}
