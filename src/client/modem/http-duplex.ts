import { Duplex, type Readable, type Writable } from 'node:stream'

/**
 * An answer and, where its request was left open, the request's body as one stream both ways: what a call without
 * `hijack` gets in a socket's place. Without an open request what is written goes nowhere.
 */
export class HttpDuplex extends Duplex {
  readonly #answer: Readable
  readonly #request: Writable | undefined

  constructor(answer: Readable, request?: Writable) {
    super()
    this.#answer = answer
    this.#request = request
    answer.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) answer.pause()
    })
    answer.once('end', () => this.push(null))
    // After a destroy of ours the answer complains that it was cut off: that is what was asked for.
    answer.on('error', error => void (this.destroyed || this.destroy(error)))
    request?.on('error', error => void (this.destroyed || this.destroy(error)))
  }

  override _read(): void {
    this.#answer.resume()
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#request === undefined) done()
    else this.#request.write(chunk, encoding, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#request === undefined) done()
    else this.#request.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#answer.destroy()
    done(error)
  }
}
