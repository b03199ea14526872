import { failure } from '../../diagnostics/index.ts'
import { parseSignalName } from '../../notation/index.ts'

/** The number of a signal given as Docker accepts it. SIGNAL_INVALID. */
export function parseSignal(text: string): number {
  const number = parseSignalName(text)
  if (number !== undefined) return number
  throw failure({
    code: 'SIGNAL_INVALID',
    kind: 'invalidArgument',
    summary: `signal "${text}" does not exist`,
    facts: { signal: text },
    hint: 'give a name such as SIGTERM or a number from 1 to 64',
  })
}

export const SIGKILL = 9
export const SIGSTOP = 19
