import { Interrupted } from '../project/failures.ts'

/** The two steps of Ctrl-C: `graceful` aborts at the first signal, `force` at the second. */
export interface InterruptSignals {
  readonly graceful: AbortSignal
  readonly force: AbortSignal
  /** Gives the signals back to Node's default. */
  dispose(): void
}

/** Listens for SIGINT and SIGTERM until disposed. */
export function watchInterrupts(): InterruptSignals {
  const graceful = new AbortController()
  const force = new AbortController()
  const onSignal = (): void => {
    if (graceful.signal.aborted) force.abort(new Interrupted())
    else graceful.abort(new Interrupted())
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    graceful: graceful.signal,
    force: force.signal,
    dispose() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}

/** Does work that the first SIGINT or SIGTERM ends. */
export async function whileInterruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupts = watchInterrupts()
  try {
    return await work(interrupts.graceful)
  } finally {
    interrupts.dispose()
  }
}
