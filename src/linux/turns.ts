import { Waiters } from './waiters.ts'

/**
 * Whose work begins next where much is asked for at once: one in each round of the event loop, so that answers of processes and sockets are heard
 * between, and first those that others would wait for. What has begun goes on side by side.
 */
export class Turns {
  readonly #first: (() => void)[] = []
  readonly #then: (() => void)[] = []
  readonly #calm = new Waiters()
  #isTaken = false

  /** Resolves when the work may begin; with `first` before all that came without. */
  take(first: boolean): Promise<void> {
    if (!this.#isTaken) {
      this.#isTaken = true
      setImmediate(this.#next)
      return Promise.resolve()
    }
    return new Promise(begin => (first ? this.#first : this.#then).push(begin))
  }

  /** Resolves when nobody waits for a turn any more, after so many milliseconds at the latest: for what is done once for many that have begun. */
  async calm(milliseconds: number): Promise<void> {
    if (milliseconds <= 0 || this.#first.length + this.#then.length === 0) return
    await this.#calm.wait(milliseconds)
  }

  readonly #next = (): void => {
    const begin = this.#first.shift() ?? this.#then.shift()
    if (begin === undefined) {
      this.#isTaken = false
      return
    }
    setImmediate(this.#next)
    begin()
    if (this.#first.length + this.#then.length === 0) this.#calm.wakeAll()
  }
}
