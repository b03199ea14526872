import { parseDuration } from './duration.ts'

/** A moment as `--since` and `until` take it, Unix seconds, RFC 3339, or how long before `now` (`1h30m`): Unix milliseconds; undefined when it is none. */
export function parseMoment(text: string, now: number): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const ago = parseDuration(text)
  if (ago !== undefined) return now - ago / 1e6
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) ? undefined : milliseconds
}
