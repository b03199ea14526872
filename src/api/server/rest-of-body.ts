import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'

/** Milliseconds in which the rest of a body has come that nobody wants any more. */
const REST_LIMIT = 60_000
/** Bytes of a body that are read before a refusal is sent, as Go's server does it for Docker (net/http, `maxPostHandlerReadBytes`). */
const SHORT_BODY = 256 * 1024

/** Whether a request says that a body follows its head (RFC 9112, 6). */
export function saysBody(headers: IncomingHttpHeaders): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}

/**
 * Reads a short body to its end, or the beginning of a long one, before it is refused: a client that hears the refusal while it still
 * sends says that its pipe is broken, too (`docker cp` of one file). `within`: milliseconds, behind which who keeps a body open is refused all the same.
 */
export async function readShort(body: Readable, within: number): Promise<void> {
  if (body.closed || body.readableEnded) return
  let length = 0
  await new Promise<void>(resolve => {
    const done = (): void => {
      clearTimeout(timer)
      body.off('data', count).off('end', done).off('close', done).pause()
      resolve()
    }
    const count = (chunk: Buffer): void => {
      length += chunk.length
      if (length >= SHORT_BODY) done()
    }
    const timer = setTimeout(done, within)
    flow(body)
    body.on('data', count).once('end', done).once('close', done)
  })
}

/**
 * Reads what is left of a body behind its answer, and throws it away: a connection that is closed before it has been sent tells the client
 * of a broken pipe, and of nothing else; of one that nobody reads nobody hears that its client has gone.
 */
export function passOver(body: Readable, abandon: () => void): void {
  flow(body)
  const timer = setTimeout(abandon, REST_LIMIT)
  body.once('close', () => clearTimeout(timer))
}

/** Has a body flow whoever has read of it before. */
function flow(body: Readable): void {
  body.unpipe()
  // Whoever waits for more of it waits in vain from now on. That the last one goes ends the flow, in the next tick.
  body.removeAllListeners('readable')
  setImmediate(() => body.resume())
}

/** Has a loop over a body that ends early leave the rest to `passOver`: Node would close the body, and with it the way to the rest. */
export function outlivingReaders(body: Readable): void {
  const value = (): NodeJS.AsyncIterator<unknown> => body.iterator({ destroyOnReturn: false })
  Object.defineProperty(body, Symbol.asyncIterator, { value })
}
