import type { Readable, Writable } from 'node:stream'
import { encodeFrame } from '../../framing.ts'
import type { AttachSession } from '../../types/index.ts'
import type { Exchange } from '../exchange.ts'
import type { AttachAnswer } from '../handler.ts'
import { detachFilter, parseDetachKeys } from './detach-keys.ts'
import { MULTIPLEXED_STREAM, RAW_STREAM } from './log.ts'
import { write } from './write.ts'

/**
 * Pumps a session over the client's connection until the process has closed its output, the client has gone, or the
 * detach keys are pressed. The client's half-close ends stdin alone: `echo x | docker exec -i c cat` reads on.
 */
export async function sendAttach(exchange: Exchange, answer: AttachAnswer): Promise<void> {
  const { session } = answer
  const keys = parseDetachKeys(answer.detachKeys)
  const { input, output } = exchange.hijack(session.tty ? RAW_STREAM : MULTIPLEXED_STREAM)
  const gone = new AbortController()
  const leave = (): void => {
    gone.abort()
    session.close()
  }
  output.once('close', leave)
  // A broken pipe is the client's way to go: 'close' follows and tells.
  output.on('error', leave)
  if (session.stdin !== undefined)
    pumpInput(input, session.stdin, session.tty ? detachFilter(keys) : undefined, leave)
  try {
    await pumpOutput(session, output, gone.signal)
  } finally {
    output.off('close', leave)
    session.close()
    output.end()
    // Half of the connection is the client's to close; what it still types goes nowhere.
    input.resume()
  }
}

async function pumpOutput(session: AttachSession, output: Writable, signal: AbortSignal): Promise<void> {
  try {
    for await (const { stream, bytes } of session.output) {
      await write(output, session.tty ? bytes : encodeFrame(stream, bytes), signal)
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

function pumpInput(
  input: Readable,
  stdin: Writable,
  filter: ReturnType<typeof detachFilter> | undefined,
  leave: () => void,
): void {
  input.on('data', (chunk: Buffer) => {
    const { pass, detached } = filter?.(chunk) ?? { pass: chunk, detached: false }
    if (pass.length > 0 && stdin.writable && !stdin.write(pass)) {
      input.pause()
      stdin.once('drain', () => input.resume())
    }
    if (detached) leave()
  })
  input.once('end', () => stdin.end())
  // A process that reads no more is no failure of the session; what is typed goes nowhere then.
  stdin.on('error', () => input.resume())
}
