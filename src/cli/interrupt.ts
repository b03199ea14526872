import { Interrupted } from '../project/failures.ts'
import type { Signals } from './signals.ts'

/** The two steps of Ctrl-C: `graceful` aborts at the first signal, `force` at the second. */
export interface InterruptSignals {
  readonly graceful: AbortSignal
  readonly force: AbortSignal
  /** Gives the signals back to whoever had them. */
  dispose(): void
}

/** Listens for SIGINT and SIGTERM until disposed. */
export function watchInterrupts(signals: Signals): InterruptSignals {
  const graceful = new AbortController()
  const force = new AbortController()
  const onSignal = (): void => {
    if (graceful.signal.aborted) force.abort(new Interrupted())
    else graceful.abort(new Interrupted())
  }
  signals.on('SIGINT', onSignal)
  signals.on('SIGTERM', onSignal)
  return {
    graceful: graceful.signal,
    force: force.signal,
    dispose() {
      signals.off('SIGINT', onSignal)
      signals.off('SIGTERM', onSignal)
    },
  }
}

/** Does work that the first SIGINT or SIGTERM ends. */
export async function whileInterruptible<T>(
  signals: Signals,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const interrupts = watchInterrupts(signals)
  try {
    return await work(interrupts.graceful)
  } finally {
    interrupts.dispose()
  }
}
