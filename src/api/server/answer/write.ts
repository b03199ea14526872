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
  sendBytes(response, status, 'application/json', `${JSON.stringify(value)}\n`)
}
