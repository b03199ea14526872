import { setTimeout } from 'node:timers/promises'
import { type Failure, failure } from '../diagnostics/index.ts'

const FIRST = 10
const LONGEST = 40

/** Looks again and again until there is an answer, soon at first, then every 40 ms. Abort ends it with a Failure. */
export async function poll<T>(
  look: () => Promise<T | undefined>,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let delay = FIRST; ; delay = Math.min(delay * 1.5, LONGEST)) {
    if (signal?.aborted === true) throw interrupted()
    const answer = await look()
    if (answer !== undefined) return answer
    await sleep(delay, signal)
  }
}

async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    if (signal?.aborted === true) throw interrupted()
    throw error
  }
}

/** What work fails with that a signal has ended. */
export function interrupted(): Failure {
  return failure({ kind: 'unavailable', code: 'INTERRUPTED', summary: 'interrupted while waiting' })
}
