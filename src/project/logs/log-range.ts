import { parseTimestamp, unixSeconds } from '../../notation/index.ts'

/** From where to where; times are unix seconds, as text with nanoseconds. */
export interface LogRange {
  readonly follow: boolean
  /** A number of lines, or all. */
  readonly tail: string
  readonly since?: number | string
  readonly until?: number | string
  /** So many lines from the beginning were shown already, in another way. */
  readonly skip?: number
}

/** From a moment that the engine tells (RFC 3339) on, to the nanosecond; all where it tells none. */
export function rangeSince(timestamp: string): Pick<LogRange, 'since'> {
  const instant = parseTimestamp(timestamp)
  return instant === undefined || instant < 0n ? {} : { since: unixSeconds(instant) }
}
