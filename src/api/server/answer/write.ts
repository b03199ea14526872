import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'

/** Writes and waits while the client is slow. Rejects with an `AbortError` when it has gone. */
export async function write(
  target: Writable,
  chunk: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) throw signal.reason
  if (!target.write(chunk)) await once(target, 'drain', { signal })
}

/** A whole answer of a known length. */
export function sendBytes(response: ServerResponse, status: number, type: string, body: string): void {
  const bytes = Buffer.from(body)
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length })
  response.end(bytes)
}

/** A whole answer of one JSON value. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  sendBytes(response, status, 'application/json', `${encodeJson(value)}\n`)
}

/** Stands for a bigint until the text is whole: JSON has numbers of any size, and JavaScript no way to write them. */
const MARK = '\u0000bigint '

/** JSON in which bigints are numbers. */
export function encodeJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    // Few values have one, and those that have none must not pay for it.
    if (!(error instanceof TypeError)) throw error
    const marked = JSON.stringify(value, (_, entry) =>
      typeof entry === 'bigint' ? `${MARK}${entry}` : entry,
    )
    return marked.replace(/"\\u0000bigint (-?\d+)"/g, '$1')
  }
}
