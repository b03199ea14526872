import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

/** Milliseconds that a client is given to read why it is not served. */
const LINGER = 1_000

/** What Node's parser has to say of a request that is none. */
interface ParserError extends Error {
  readonly code?: string
}

/** What a client is told of a request that could not be read; nothing can follow on its connection. */
export function answerClientError(error: ParserError, socket: Socket): void {
  const [status, message] = statusOf(error)
  // Who has not said a word is no client yet; an answer to nothing would be taken for that to the first request.
  if (!socket.writable || socket.bytesRead === 0) {
    socket.destroy()
    return
  }
  const body = `${JSON.stringify({ message })}\n`
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // What is still to come is thrown away: a connection that is closed while bytes wait is reset, and the answer lost.
  const timer = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(timer))
  socket.resume()
}

function statusOf({ code, message }: ParserError): readonly [status: number, message: string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'Read the request: its head did not come in time']
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'Read the request: its head is too large']
  return [400, `Read the request: ${message}`]
}
