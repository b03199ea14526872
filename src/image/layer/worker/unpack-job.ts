import type { LayerPlace } from '../apply.ts'
import { QUEUE, type UnpackedLayer } from '../unpacker.ts'
import { errorOf, type Order, receivedLayer, type Word } from './messages.ts'

/** Bytes of one message: smaller ones cost more than what is done with them. */
const PIECE = 128 * 1024

/** One layer that a worker unpacks, seen from the engine. */
export class UnpackJob {
  readonly id: number
  readonly result: Promise<UnpackedLayer>
  readonly #post: (order: Order) => void
  readonly #over = new AbortController()
  #settle: { resolve: (layer: UnpackedLayer) => void; reject: (error: Error) => void } | undefined
  /** Bytes that the worker has not taken yet. */
  #waiting = 0
  #wake: () => void = () => undefined
  readonly #piece: Buffer = Buffer.alloc(PIECE)
  #length = 0

  constructor(id: number, post: (order: Order) => void) {
    this.id = id
    this.#post = post
    this.result = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    // Whoever runs it hears of it when it has stopped sending.
    this.result.catch(() => undefined)
  }

  /** Sends the bytes as the worker takes them, and waits for its word; what the bytes raise comes first. */
  async run(
    open: (signal: AbortSignal) => AsyncIterable<Buffer>,
    { upper, folder }: LayerPlace,
    signal: AbortSignal,
  ): Promise<UnpackedLayer> {
    this.#post({ job: this.id, kind: 'begin', place: { upper, folder } })
    try {
      await this.#send(open(AbortSignal.any([signal, this.#over.signal])))
    } catch (error) {
      // The worker has spoken first: the bytes broke off since nobody wanted them.
      if (this.#over.signal.aborted) return await this.result
      this.#post({ job: this.id, kind: 'abandon' })
      await this.result.catch(() => undefined)
      throw error
    }
    return await this.result
  }

  hear(word: Word): void {
    if (word.kind === 'taken') {
      this.#waiting -= word.length
      this.#wake()
    } else if (word.kind === 'done') this.#end(() => this.#settle?.resolve(receivedLayer(word)))
    else this.fail(errorOf(word.problem))
  }

  fail(error: Error): void {
    this.#end(() => this.#settle?.reject(error))
  }

  #end(settle: () => void): void {
    settle()
    this.#over.abort()
    this.#wake()
  }

  async #send(source: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of source) {
      for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(await this.#add(rest))
      if (this.#over.signal.aborted) return
    }
    this.#flush()
    this.#post({ job: this.id, kind: 'end' })
  }

  /** Puts as much as there is room for into the piece; it travels when it is full. */
  async #add(chunk: Buffer): Promise<number> {
    const used = chunk.copy(this.#piece, this.#length)
    this.#length += used
    if (this.#length === PIECE) {
      this.#flush()
      while (this.#waiting > QUEUE && !this.#over.signal.aborted)
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
    }
    return used
  }

  /** What is posted is copied at once, so that the piece can be filled again. */
  #flush(): void {
    if (this.#length === 0) return
    this.#waiting += this.#length
    this.#post({ job: this.id, kind: 'bytes', bytes: this.#piece.subarray(0, this.#length) })
    this.#length = 0
  }
}
