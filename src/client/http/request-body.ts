import { Writable } from 'node:stream'
import type { Wire } from './wire.ts'

/** The body of a request whose length nobody knows yet, in chunks (RFC 9112 §7.1). `end` ends the body alone. */
export class RequestBody extends Writable {
  readonly #socket: Wire

  constructor(socket: Wire) {
    super()
    this.#socket = socket
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.cork()
    // An empty chunk would be the end.
    if (chunk.length > 0) {
      this.#socket.write(`${chunk.length.toString(16)}\r\n`)
      this.#socket.write(chunk)
    }
    this.#socket.write(chunk.length > 0 ? '\r\n' : '', done)
    this.#socket.uncork()
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#socket.write('0\r\n\r\n', done)
  }
}
