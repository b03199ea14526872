import { messageOf } from '../../diagnostics/index.ts'
import { parseTimestamp } from '../../notation/index.ts'
import { openContainerLog } from '../logs/open.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { Checker } from './state.ts'

/** What following a log takes of the engine. */
export type LogContext = Pick<EngineContext, 'native' | 'warn'>

/**
 * Well from the first line of this run on that has the text in it: the log is followed until then, and not looked at again. What was
 * found by an engine before this one holds, though rotation may have taken the line away since.
 */
export function checkByLog(
  engine: LogContext,
  container: Container,
  text: string,
  run: { readonly signal: AbortSignal; readonly passed: boolean },
): Checker {
  let found = run.passed
  let problem: string | undefined
  const seen = new AbortController()
  const follow = async (): Promise<void> => {
    try {
      found = await hasLine(engine, container, text, seen.signal)
    } catch (error) {
      problem = messageOf(error)
    }
  }
  const stop = (): void => seen.abort()
  if (!found) {
    run.signal.addEventListener('abort', stop, { once: true })
    void follow().finally(() => run.signal.removeEventListener('abort', stop))
  }
  return async () =>
    found
      ? { ExitCode: 0, Output: '' }
      : { ExitCode: 1, Output: problem ?? `no line of the output has "${text}" in it yet` }
}

async function hasLine(
  engine: LogContext,
  container: Container,
  text: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { startedAt } = container.record.state
  const since = parseTimestamp(startedAt ?? '') ?? 0n
  const options = { follow: true, stdout: true, stderr: true, timestamps: false, since }
  const { records } = await openContainerLog(engine, container, options, signal)
  for await (const lines of records)
    if (lines.some(({ bytes }) => Buffer.from(bytes).includes(text))) return true
  return false
}
