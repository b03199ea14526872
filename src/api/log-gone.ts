import type { LogGone } from './types/index.ts'

/** Header of a log's answer: how much of its beginning rotation has taken away. Docker has no word for it. */
export const LOG_GONE = 'Tscompose-Log-Gone'

/** `lines=<count>; bytes=<count>`. */
export function renderGone({ lines, bytes }: LogGone): string {
  return `lines=${lines}; bytes=${bytes}`
}

/** What the headers of a log's answer (names in lower case) tell; undefined when nothing is gone, or nobody says so. */
export function readGone(headers: Readonly<Record<string, string>>): LogGone | undefined {
  const found = /^lines=(\d+); bytes=(\d+)$/.exec(headers[LOG_GONE.toLowerCase()] ?? '')
  return found === null ? undefined : { lines: Number(found[1]), bytes: Number(found[2]) }
}
