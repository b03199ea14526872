import { parseDuration } from './duration.ts'

const SECOND = 1_000_000_000n

/** RFC 3339, around the digits of its fraction. */
const FRACTION = /^(.*:\d{2})\.(\d+)(.*)$/

/**
 * A moment as `--since` and `until` take it, Unix seconds, RFC 3339, or how long before `now` (`1h30m`): Unix nanoseconds, of which a time of a
 * log has all, and a number no room for the last; undefined when it is none.
 */
export function parseInstant(text: string, now: number): bigint | undefined {
  const seconds = parseUnixSeconds(text)
  if (seconds !== undefined) return seconds
  const ago = parseDuration(text)
  return ago === undefined
    ? parseTimestamp(text)
    : BigInt(Math.round(now)) * 1_000_000n - BigInt(Math.round(ago))
}

/** Unix seconds as text, also with a fraction: Unix nanoseconds; undefined when it is none. */
export function parseUnixSeconds(text: string): bigint | undefined {
  const [, whole, fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  return whole === undefined ? undefined : BigInt(whole) * SECOND + nanosecondsOf(fraction)
}

/** RFC 3339: Unix nanoseconds; undefined when it is none. */
export function parseTimestamp(text: string): bigint | undefined {
  const [, before, fraction = '', zone = ''] = FRACTION.exec(text) ?? []
  const milliseconds = Date.parse(before === undefined ? text : `${before}${zone}`)
  if (Number.isNaN(milliseconds)) return undefined
  return BigInt(milliseconds) * 1_000_000n + nanosecondsOf(fraction)
}

/** As `parseInstant`, Unix milliseconds. */
export function parseMoment(text: string, now: number): number | undefined {
  const instant = parseInstant(text, now)
  return instant === undefined ? undefined : Number(instant / 1000n) / 1e3
}

/** Unix seconds with nine digits behind the point, as Docker's API takes them, of a moment that is not before 1970. */
export function unixSeconds(nanoseconds: bigint): string {
  return `${nanoseconds / SECOND}.${String(nanoseconds % SECOND).padStart(9, '0')}`
}

function nanosecondsOf(fraction: string): bigint {
  return BigInt(fraction.padEnd(9, '0').slice(0, 9))
}

/** Whether a moment in RFC 3339 is later than that in Unix seconds; what is none is not. */
export function isLaterThan(timestamp: string, seconds: number | string): boolean {
  const [instant, other] = [parseTimestamp(timestamp), parseUnixSeconds(String(seconds))]
  return instant !== undefined && other !== undefined && instant > other
}
