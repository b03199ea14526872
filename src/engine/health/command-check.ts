import type { Readable } from 'node:stream'
import { commandText, publishContainerEvent } from '../events/container-event.ts'
import { type ExecContext, runExec } from '../exec/process.ts'
import { linkVariables } from '../groups/link-variables.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { newId } from '../words/ids.ts'
import { type Checked, MOST_OUTPUT } from './state.ts'

const SIGKILL = 9

/** What a check by a command takes of the engine. */
export type CommandContext = ExecContext & Pick<EngineContext, 'containers' | 'events'>

/** Runs the command in the container, which `over` ends; one that cannot be run is thrown. */
export async function checkByCommand(
  engine: CommandContext,
  container: Container,
  argv: readonly string[],
  over: AbortSignal,
): Promise<Checked> {
  const execID = newId()
  const tell = (action: string, attributes = {}): void =>
    publishContainerEvent(engine, container, action, { execID, ...attributes })
  const options = { tty: false, stdin: false, signal: over }
  tell(`exec_create: ${commandText(argv)}`)
  tell(`exec_start: ${commandText(argv)}`)
  const given = linkVariables(engine.containers, container)
  const session = await runExec(engine, container, { argv, given }, options)
  const outcome = await waitFor(session, over)
  tell('exec_die', { exitCode: String(outcome.ExitCode) })
  return outcome
}

async function waitFor(session: Awaited<ReturnType<typeof runExec>>, over: AbortSignal): Promise<Checked> {
  const kept: Kept = { chunks: [], size: 0 }
  const read = Promise.all([keepFirst(session.stdout, kept), keepFirst(session.stderr, kept)])
  const kill = (): void => session.signal(SIGKILL)
  if (over.aborted) kill()
  over.addEventListener('abort', kill, { once: true })
  const { exitCode } = await session.exited
  over.removeEventListener('abort', kill)
  await read
  return { ExitCode: exitCode, Output: Buffer.concat(kept.chunks).toString('utf8') }
}

interface Kept {
  readonly chunks: Buffer[]
  size: number
}

/** Reads to the end: a check that prints more than is kept must not wait for a reader. */
async function keepFirst(stream: Readable | undefined, kept: Kept): Promise<void> {
  if (stream === undefined) return
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (kept.size < MOST_OUTPUT) kept.chunks.push(chunk.subarray(0, MOST_OUTPUT - kept.size))
    kept.size += chunk.length
  }
}
