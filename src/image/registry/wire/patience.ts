import { setTimeout as wait } from 'node:timers/promises'

/** How often and how long a server that is busy is asked again. Tests have none. */
export interface Patience {
  /** Requests in all, the first one too. */
  readonly attempts: number
  wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void>
}

/** Asks six times, over about 15 seconds where the server does not say when. */
export const PATIENCE: Patience = {
  attempts: 6,
  wait: (milliseconds, signal) => wait(milliseconds, undefined, signal === undefined ? {} : { signal }),
}

/** A server that wants more than this is not waited for. */
const LONGEST_MS = 60_000
const FIRST_MS = 500

/** Statuses that may be others in a moment. */
export function isPassing(status: number): boolean {
  return status === 429 || status === 500 || (status >= 502 && status <= 504)
}

/**
 * Milliseconds until the next attempt after so many; undefined: it is not worth waiting. `retryAfter` is the header's text (RFC
 * 9110, 10.2.3: seconds, or a date). A part is chance, so that many who were turned away do not come back at once.
 */
export function pauseAfter(attempt: number, retryAfter: string | undefined): number | undefined {
  const asked = askedPause(retryAfter)
  if (asked !== undefined) return asked > LONGEST_MS ? undefined : asked + (Math.random() * asked) / 10
  return growingPause(attempt - 1, FIRST_MS, LONGEST_MS)
}

/**
 * Milliseconds that double with each attempt that brought nothing (`attempt` counts from 0); half of them is chance, so that many who
 * were cut off at once do not come back at once.
 */
export function growingPause(attempt: number, first: number, longest: number): number {
  const pause = Math.min(longest, first * 2 ** attempt)
  return pause / 2 + (Math.random() * pause) / 2
}

function askedPause(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined
  if (/^\d+$/.test(retryAfter.trim())) return Number(retryAfter) * 1000
  const date = Date.parse(retryAfter)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}
