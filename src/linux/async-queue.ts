/** Values pushed by one side and iterated by the other; `end` lets the iteration finish what was pushed before. */
export class AsyncQueue<T> implements AsyncIterable<T> {
  #values: T[] = []
  #wake: (() => void) | undefined
  #ended = false
  #error: unknown
  readonly #onEnd: (() => void)[] = []
  readonly #room: (() => void)[] = []

  /** Ignored after `end`. */
  push(value: T): void {
    if (this.#ended) return
    this.#values.push(value)
    this.#wake?.()
  }

  /** No more values; with an error the iteration throws it after the last value. Only the first call counts. */
  end(error?: unknown): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    for (const listener of this.#onEnd.splice(0)) listener()
    for (const resolve of this.#room.splice(0)) resolve()
    this.#wake?.()
  }

  /** Called once when it ends, by either side. */
  onEnd(listener: () => void): void {
    if (this.#ended) listener()
    else this.#onEnd.push(listener)
  }

  /** How many values wait. */
  get length(): number {
    return this.#values.length
  }

  /** Resolves when fewer than `limit` values wait, or it has ended: for producers that can slow down. */
  async roomBelow(limit: number): Promise<void> {
    while (this.#values.length >= limit && !this.#ended) {
      await new Promise<void>(resolve => this.#room.push(resolve))
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    try {
      for (;;) {
        const values = this.#values
        this.#values = []
        for (const resolve of this.#room.splice(0)) resolve()
        yield* values
        if (this.#values.length > 0) continue
        if (this.#ended) break
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
      if (this.#error !== undefined) throw this.#error
    } finally {
      this.end()
    }
  }
}
