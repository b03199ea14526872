import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'

/** Milliseconds in which the rest of a body has come that nobody wants any more. */
const REST_LIMIT = 60_000

/** Whether a request says that a body follows its head (RFC 9112, 6). */
export function saysBody(headers: IncomingHttpHeaders): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

/**
 * Reads what is left of a body behind its answer, and throws it away: a connection that is closed before it has been sent tells the client
 * of a broken pipe, and of nothing else; of one that nobody reads nobody hears that its client has gone.
 */
export function passOver(body: Readable, abandon: () => void): void {
  body.unpipe()
  // Whoever waits for more of it waits in vain from now on. That the last one goes ends the flow, in the next tick.
  body.removeAllListeners('readable')
  setImmediate(() => body.resume())
  const timer = setTimeout(abandon, REST_LIMIT)
  body.once('close', () => clearTimeout(timer))
}

/** Has a loop over a body that ends early leave the rest to `passOver`: Node would close the body, and with it the way to the rest. */
export function outlivingReaders(body: Readable): void {
  const value = (): NodeJS.AsyncIterator<unknown> => body.iterator({ destroyOnReturn: false })
  Object.defineProperty(body, Symbol.asyncIterator, { value })
}
