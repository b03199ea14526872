import { type Duplex, Writable } from 'node:stream'
import { failure } from '../../diagnostics/index.ts'

/** How far a container has been given its input. */
export interface GivenInput {
  /** Something may have been read of it. */
  readonly isBegun: boolean
  /** It has been given to the end. */
  readonly isWhole: boolean
}

/** What a container reads of ours, over the connections to it that follow each other where engines die. */
export class ContainerInput {
  /** End it when there is no more. */
  readonly writable: Writable
  #stream: Duplex
  readonly #onLost: () => void
  readonly #wasWhole: boolean
  #isBegun: boolean
  #isCut = false
  #isOver = false
  /** Takes the next connection, where something waits for it. */
  #waiting: ((stream: Duplex | undefined) => void) | undefined

  /** `onLost`: the connection has ended and nothing has been given; what there is waits for `goOn` or `end`. */
  constructor(stream: Duplex, { isBegun, isWhole }: GivenInput, onLost: () => void) {
    this.#stream = stream
    this.#onLost = onLost
    this.#isBegun = isBegun
    this.#wasWhole = isWhole
    this.writable = this.#makeWritable()
  }

  get isBegun(): boolean {
    return this.#isBegun
  }

  /** Whether a part of it alone may have come, its connection having ended. */
  get isCut(): boolean {
    return this.#isCut || (this.#isBegun && !this.#isWhole)
  }

  get #isWhole(): boolean {
    return this.#wasWhole || this.writable.writableFinished
  }

  /** Goes on over another connection. */
  goOn(stream: Duplex): void {
    this.#stream = stream.on('error', noFailure)
    if (this.#isWhole) stream.end()
    this.#release(stream)
  }

  /** Gives the end alone over another connection, of what may have come in part: without it the container would wait for ever. */
  breakOff(stream: Duplex): void {
    stream.on('error', noFailure).end()
    this.end()
  }

  /** Nobody reads it any more. */
  end(): void {
    this.#isOver = true
    this.#release(undefined)
  }

  #release(stream: Duplex | undefined): void {
    const use = this.#waiting
    this.#waiting = undefined
    use?.(stream)
  }

  #makeWritable(): Writable {
    // What is written behind the end is read by nobody, which is no failure of who writes.
    const then =
      (done: () => void) =>
      (error?: Error | null): void => {
        if (error) this.#isCut = true
        done()
      }
    return new Writable({
      write: (chunk, encoding, done) =>
        this.#whenOpen(stream => {
          if (stream === undefined) return done()
          this.#isBegun = true
          stream.write(chunk, encoding, then(done))
        }),
      final: done =>
        this.#whenOpen(stream => {
          if (stream === undefined) return done()
          stream.end(then(done))
        }),
    })
  }

  #whenOpen(use: (stream: Duplex | undefined) => void): void {
    const isLost = this.#stream.destroyed || this.#stream.readableEnded
    if (isLost && !this.#isBegun && !this.#isOver) {
      this.#waiting = use
      this.#onLost()
    } else {
      this.#isCut ||= isLost
      use(this.#isOver ? undefined : this.#stream)
    }
  }
}

/** A connection that breaks, as when its container has ended: what that means is told by how the container ends. */
function noFailure(): void {}

/** Failure INPUT_CUT of a container that has ended with `code`, or runs on. */
export function inputCut(id: string, code: number | undefined): Error {
  const outcome = code === undefined ? 'it runs on' : `it ended with ${code}`
  return failure({
    code: 'INPUT_CUT',
    kind: 'unavailable',
    summary: `the engine died while container ${id.slice(0, 12)} was given its input: it may have read a part only (${outcome})`,
    hint: code === undefined ? 'attach again and give it the rest' : 'run it again',
  })
}
