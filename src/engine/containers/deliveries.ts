/** One attached client's way through the exits of a container. */
export interface Delivery {
  /** Everything up to the exit at this time (unix nanoseconds) has been handed over. */
  reached(finishedAt: bigint): void
  /** It gets nothing more. */
  end(): void
}

/** How far the attached clients of a container are, so that its exit is told when they have its last byte. */
export class Deliveries {
  readonly #open = new Map<Delivery, bigint>()
  readonly #waiting = new Set<() => void>()

  /** A client that is attached from now on. */
  begin(): Delivery {
    const delivery: Delivery = {
      reached: finishedAt => {
        if (!this.#open.has(delivery)) return
        this.#open.set(delivery, finishedAt)
        this.#tell()
      },
      end: () => {
        this.#open.delete(delivery)
        this.#tell()
      },
    }
    this.#open.set(delivery, 0n)
    return delivery
  }

  /** Resolves when all who are attached have everything up to the exit at this time, or `limit` milliseconds later. */
  async complete(finishedAt: bigint, limit: number): Promise<void> {
    const isComplete = (): boolean => [...this.#open.values()].every(time => time >= finishedAt)
    if (isComplete()) return
    await new Promise<void>(resolve => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(check)
        resolve()
      }
      const check = (): void => {
        if (isComplete()) done()
      }
      const timer = setTimeout(done, limit)
      this.#waiting.add(check)
    })
  }

  #tell(): void {
    for (const check of [...this.#waiting]) check()
  }
}
