import { constants } from 'node:os'
import { failure } from '../../diagnostics/index.ts'

/** Real-time signals are named relative to both ends, as `kill -l` and Docker do. */
const SIGRTMIN = 34
const SIGRTMAX = 64

/** The number of a signal given as Docker accepts it: `SIGTERM`, `term`, `15`, `RTMIN+3`. */
export function parseSignal(text: string): number {
  const trimmed = text.trim()
  const number = /^\d{1,2}$/.test(trimmed)
    ? Number(trimmed)
    : numberOf(trimmed.toUpperCase().replace(/^SIG/, ''))
  if (number === undefined || number < 1 || number > SIGRTMAX) {
    throw failure({
      code: 'SIGNAL_INVALID',
      kind: 'invalidArgument',
      summary: `signal "${text}" does not exist`,
      facts: { signal: text },
      hint: 'give a name such as SIGTERM or a number from 1 to 64',
    })
  }
  return number
}

function numberOf(name: string): number | undefined {
  const realTime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name)
  if (realTime !== null) {
    const base = realTime[1] === 'MIN' ? SIGRTMIN : SIGRTMAX
    const offset = Number(realTime[3] ?? 0) * (realTime[2] === '-' ? -1 : 1)
    return base + offset >= SIGRTMIN ? base + offset : undefined
  }
  const known: Readonly<Record<string, number | undefined>> = constants.signals
  return known[`SIG${name}`]
}

export const SIGKILL = 9
export const SIGSTOP = 19
