import type { IncomingHttpHeaders } from 'node:http'
import { type Duplex, PassThrough, type Readable } from 'node:stream'
import { failure } from '../../diagnostics/index.ts'
import { ChunkedCoding } from './chunked-coding.ts'

/** Takes a body apart from what follows it. */
interface Coding {
  /** The bytes of the body among those that came, and what is left behind its end; undefined while that has not come. */
  take(bytes: Buffer): { readonly body: readonly Buffer[]; readonly rest: Buffer | undefined }
}

/** The body of an upgrade request, of which Node reads nothing; what comes after it is stdin and stays on the connection. */
export function upgradeBody(socket: Duplex, headers: IncomingHttpHeaders): Readable {
  const isChunked = /\bchunked\s*$/i.test(headers['transfer-encoding'] ?? '')
  return readBody(
    socket,
    isChunked ? new ChunkedCoding() : knownLength(Number(headers['content-length'] ?? 0)),
  )
}

function readBody(socket: Duplex, coding: Coding): Readable {
  const body = new PassThrough()
  // Who reads the body hears of it by reading; when nobody does, it is nobody's error.
  body.on('error', () => undefined)
  const takeFrom = (bytes: Buffer): boolean => {
    const taken = coding.take(bytes)
    for (const part of taken.body) body.write(part)
    if (taken.rest === undefined) return false
    detach()
    if (taken.rest.length > 0) socket.unshift(taken.rest)
    body.end()
    return true
  }
  const take = (): void => {
    try {
      for (let bytes: Buffer | null = socket.read(); bytes !== null; bytes = socket.read())
        if (takeFrom(bytes)) return
    } catch (error) {
      fail(error instanceof Error ? error : brokenOff())
    }
  }
  const fail = (error: Error): void => {
    detach()
    body.destroy(error)
  }
  const cut = (): void => fail(brokenOff())
  const detach = (): void => {
    socket.off('readable', take).off('end', cut).off('close', cut)
  }
  socket.on('readable', take).on('end', cut).on('close', cut)
  // A body of no bytes is whole before anything comes.
  if (!takeFrom(Buffer.alloc(0))) take()
  return body
}

function knownLength(length: number): Coding {
  let missing = length
  return {
    take: bytes => {
      const part = bytes.subarray(0, missing)
      missing -= part.length
      return { body: [part], rest: missing === 0 ? bytes.subarray(part.length) : undefined }
    },
  }
}

function brokenOff(): Error {
  const summary = 'Read the body: the connection ended before it did'
  return failure({ code: 'BODY_CUT_OFF', kind: 'invalidArgument', summary })
}
