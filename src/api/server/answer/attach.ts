import type { Readable, Writable } from 'node:stream'
import { encodeFrame, encodeTold } from '../../framing.ts'
import type { AttachSession } from '../../types/index.ts'
import type { Exchange, Hijacked } from '../exchange.ts'
import type { AttachAnswer } from '../handler.ts'
import { DEFAULT_DETACH_KEYS, detachFilter } from './detach-keys.ts'
import { asFailure, describe } from './error.ts'
import { headLengthFor, readsOn } from './known-clients.ts'
import { streamType, systemError } from './log.ts'
import { write } from './write.ts'

/**
 * Pumps a session over the client's connection until the process has closed its output, the client has gone, or the
 * detach keys are pressed. The client's half-close ends stdin alone: `echo x | docker exec -i c cat` reads on.
 */
export async function sendAttach(exchange: Exchange, answer: AttachAnswer): Promise<void> {
  const userAgent = exchange.headers['user-agent']
  const streams = await exchange.hijack(
    streamType((answer.tty && answer.told === undefined) || answer.untyped === true),
    headLengthFor(userAgent),
  )
  const headIsRead = readsOn(userAgent) ? undefined : exchange.headRead()
  const session = await answer.join()
  await headIsRead
  if (answer.told !== undefined) streams.output.write(encodeTold(answer.told.first))
  await pump(streams, session, answer, !session.tty || answer.told !== undefined)
}

/** The same over a WebSocket, where stdout and stderr are one. It has no half-close: a client that ends it has left. */
export async function sendWebSocket(exchange: Exchange, answer: AttachAnswer): Promise<void> {
  const session = await answer.join()
  let streams: Hijacked
  try {
    streams = await exchange.webSocket()
  } catch (error) {
    session.close()
    throw error
  }
  await pump(streams, session, answer, false)
}

async function pump(
  { input, output }: Hijacked,
  session: AttachSession,
  answer: AttachAnswer,
  isFramed: boolean,
): Promise<void> {
  const gone = new AbortController()
  let isDetached = false
  const leave = (): void => {
    gone.abort()
    session.close()
  }
  const detach = (): void => {
    isDetached = true
    leave()
  }
  output.once('close', leave)
  // A client that leaves breaks the pipe; 'close' follows and reports it.
  output.on('error', leave)
  // The client may have left while the process started: no event will report that.
  if (output.destroyed) leave()
  if (session.stdin === undefined) input.resume()
  else
    pumpInput(
      input,
      session.stdin,
      session.tty ? detachFilter(answer.detachKeys ?? DEFAULT_DETACH_KEYS) : undefined,
      detach,
    )
  try {
    const isWhole = await pumpOutput(session, output, isFramed, gone.signal)
    // Who has detached is there, and hears that the command goes on.
    if (isWhole && (isDetached || !gone.signal.aborted) && answer.told !== undefined)
      output.write(encodeTold(await answer.told.last()))
    output.end()
    // Half of the connection is the client's to close; what it still types goes nowhere.
    input.resume()
    await handedOver(output, isWhole)
  } finally {
    output.off('close', leave)
    session.close()
  }
}

/**
 * Resolves when the client has it all. Of one that did not get the whole nobody knows whether it has read the last word, until
 * it has gone.
 */
async function handedOver(output: Writable, isWhole: boolean): Promise<void> {
  if (output.destroyed || (isWhole && output.writableFinished)) return
  await new Promise<void>(resolve => {
    if (isWhole) output.once('finish', resolve)
    output.once('close', resolve)
  })
}

/** Whether the client got the whole, or has left by itself. */
async function pumpOutput(
  session: AttachSession,
  output: Writable,
  isFramed: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    for await (const { stream, bytes } of session.output) {
      await write(output, isFramed ? encodeFrame(stream, bytes) : bytes, signal)
    }
    return true
  } catch (error) {
    // The head has been sent: what went wrong is the stream's last word, so that nobody takes its end for the whole.
    if (signal.aborted) return true
    output.write(lastWords(describe(asFailure(error)), isFramed))
    return false
  }
}

function lastWords(message: string, isFramed: boolean): string | Buffer {
  return isFramed ? systemError(message) : `\r\n${message}\r\n`
}

function pumpInput(
  input: Readable,
  stdin: Writable,
  filter: ReturnType<typeof detachFilter> | undefined,
  detach: () => void,
): void {
  input.on('data', (chunk: Buffer) => {
    const { pass, detached } = filter?.(chunk) ?? { pass: chunk, detached: false }
    if (pass.length > 0 && stdin.writable && !stdin.write(pass)) {
      input.pause()
      stdin.once('drain', () => input.resume())
    }
    if (detached) detach()
  })
  // The end may have come before there was anybody to hear of it.
  if (input.readableEnded) stdin.end()
  else input.once('end', () => stdin.end())
  // A process that reads no more is no failure of the session; what is typed goes nowhere then.
  stdin.on('error', () => input.resume())
}
