import type { ProgressMessage } from '../../types/index.ts'
import type { Exchange } from '../exchange.ts'
import { asFailure, errorBody } from './error.ts'
import { encodeJson, write } from './write.ts'

/** Values as they come, each on a line. The headers go at once: who follows events waits for them. */
export async function sendLines(
  exchange: Exchange,
  status: number,
  values: AsyncIterable<unknown>,
): Promise<void> {
  const response = exchange.response()
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.flushHeaders()
  for await (const value of values) await write(response, `${encodeJson(value)}\n`, exchange.signal)
  response.end()
}

/**
 * Progress: a failure before the first message is an answer of its own, a later one is the last message, since the
 * status has been sent by then.
 */
export async function sendProgress(
  exchange: Exchange,
  status: number,
  messages: AsyncIterable<ProgressMessage>,
): Promise<void> {
  const iterator = messages[Symbol.asyncIterator]()
  let next = await iterator.next()
  const response = exchange.response()
  response.writeHead(status, { 'Content-Type': 'application/json' })
  try {
    while (next.done !== true) {
      await write(response, `${JSON.stringify(next.value)}\r\n`, exchange.signal)
      next = await iterator.next()
    }
  } catch (error) {
    // The producer must hear that nobody listens any more.
    await iterator.return?.()
    if (exchange.signal.aborted) throw error
    response.write(`${JSON.stringify(lastWords(error))}\r\n`)
  }
  response.end()
}

/** A failure as the last message of a stream. */
export function lastWords(error: unknown): ProgressMessage {
  const { message, diagnostics } = errorBody(asFailure(error))
  const code = diagnostics.find(({ exitStatus }) => exitStatus !== undefined)?.exitStatus
  const errorDetail = { ...(code === undefined ? {} : { code }), message }
  return { errorDetail, error: message, diagnostics }
}
