import { Readable } from 'node:stream'
import type { Head } from './head.ts'

/** What an answer needs of the connection that it comes by. */
export interface AnswerSource {
  pause(): void
  resume(): void
  /** The reader has lost interest: the connection is of no more use. */
  abandon(): void
}

/** The body of an answer as a stream, with what its head said. */
export class Answer extends Readable {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly #source: AnswerSource

  constructor({ status, headers }: Head, source: AnswerSource) {
    super()
    this.statusCode = status
    this.headers = headers
    this.#source = source
  }

  /** More of the body, null at its end; a reader that is full makes the connection wait. */
  deliver(bytes: Buffer | null): void {
    if (this.push(bytes)) return
    if (bytes !== null) this.#source.pause()
  }

  override _read(): void {
    this.#source.resume()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.readableEnded) this.#source.abandon()
    done(error)
  }
}
