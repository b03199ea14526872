import { createInterface } from 'node:readline/promises'
import { Interrupted } from '../../project/failures.ts'
import type { CommandContext } from '../command.ts'

/** Asks on standard input; anything but yes is no. Throws Interrupted when the signal aborts. */
export async function confirm(
  { streams }: CommandContext,
  question: string,
  signal?: AbortSignal,
): Promise<boolean> {
  // Not as a terminal: line editing would take Ctrl-C for itself instead of leaving it to the signal.
  const lines = createInterface({ input: streams.stdin, output: streams.stderr, terminal: false })
  const closed = new Promise<string>(resolve => lines.once('close', () => resolve('')))
  try {
    const answered = lines.question(`${question} [y/N] `, signal ? { signal } : {})
    const answer = await Promise.race([answered, closed])
    return /^y(es)?$/i.test(answer.trim())
  } catch (error) {
    if (signal?.aborted) throw new Interrupted('refused')
    throw error
  } finally {
    lines.close()
  }
}
