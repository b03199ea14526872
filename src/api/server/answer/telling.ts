import type { ServerResponse } from 'node:http'
import { Writable } from 'node:stream'

/** Writes to an answer, and tells of each chunk when the kernel has it, or the client has gone: nobody reads it any more. */
export function telling(response: ServerResponse, onSent: (chunk: Uint8Array) => void): Writable {
  const target = new Writable({
    // What waits is kept by whoever writes.
    highWaterMark: 1,
    write: (chunk: Uint8Array, _encoding, done) => {
      response.write(chunk, error => {
        if (!error) onSent(chunk)
        done(error)
      })
    },
    final: done => void response.end(() => done()),
    destroy: (error, done) => {
      if (error !== null) response.destroy(error)
      done(error)
    },
  })
  // A connection that breaks off may leave the word of a write out.
  response.once('close', () => {
    if (!response.writableFinished) target.destroy(new Error('the client has gone'))
  })
  return target
}
