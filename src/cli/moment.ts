import { failure } from '../diagnostics/index.ts'
import { parseInstant, unixSeconds } from '../notation/index.ts'

/**
 * The moment of an option: RFC 3339, unix seconds, or how long ago (`42m`, `1h30m`); as unix seconds, in text with its nanoseconds. Errors: FLAG_VALUE.
 */
export function readMoment(option: string, text: string): string {
  const instant = parseInstant(text, Date.now())
  if (instant !== undefined) return unixSeconds(instant < 0n ? 0n : instant)
  throw failure({
    code: 'FLAG_VALUE',
    kind: 'invalidArgument',
    summary: `${option}: got "${text}", want a time such as 2026-01-02T13:23:37Z or 42m`,
  })
}
