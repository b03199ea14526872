import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'

/** Milliseconds that a client is given to read why it is not served. */
const LINGER = 1_000
/** Bytes of a request that are looked at for its first line. */
const FIRST_LINE_MAX = 4096

/** What Node's parser has to say of a request that is none. */
interface ParserError extends Error {
  readonly code?: string
  readonly rawPacket?: Buffer
}

/** What a client is told of a request that could not be read; nothing can follow on its connection. */
export function answerClientError(error: ParserError, socket: Socket): void {
  // Who has not said a word is no client yet; an answer to nothing would be taken for that to the first request.
  if (!socket.writable || socket.bytesRead === 0) {
    socket.destroy()
    return
  }
  refuse(socket, ...statusOf(error))
}

/** Answers on a connection that nothing more is taken from. */
export function refuse(socket: Socket, status: number, message: string): void {
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

/** A first line that Go's server reads, whatever its method and version are. */
const FIRST_LINE = /^[A-Z]+ \S+ HTTP\/\d\.\d\r\n/

/** As Go's server answers what Node's parser stops at. */
function statusOf({ code, message, rawPacket }: ParserError): readonly [status: number, message: string] {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return [408, 'Read the request: its head did not come in time']
  if (code === 'HPE_HEADER_OVERFLOW') return [431, 'Read the request: its head is too large']
  if (FIRST_LINE.test(rawPacket?.toString('latin1', 0, FIRST_LINE_MAX) ?? '')) {
    if (code === 'HPE_INVALID_METHOD') return [404, 'page not found']
    if (code === 'HPE_INVALID_VERSION') return [505, 'unsupported protocol version']
  }
  if (/has invalid `Transfer-Encoding`/.test(message)) return [501, 'Unsupported transfer encoding']
  return [400, `Read the request: ${message}`]
}
