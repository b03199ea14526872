import { Waiters } from './waiters.ts'

/**
 * Whose work begins next where much is asked for at once: one in each round of the event loop, or so many, so that answers of processes and sockets are heard
 * between, and first those that others would wait for. What has begun goes on side by side.
 */
export class Turns {
  readonly #company: number
  readonly #first: (() => void)[] = []
  readonly #then: (() => void)[] = []
  readonly #calm = new Waiters()
  /** How many may still begin in this round; undefined: nobody has begun in it. */
  #room: number | undefined

  /** `company`: how many begin in one round. */
  constructor(company = 1) {
    this.#company = company
  }

  /** Resolves when the work may begin; with `first` before all that came without. */
  take(first: boolean): Promise<void> {
    if (this.#room === undefined) setImmediate(this.#next)
    const room = this.#room ?? this.#company
    if (room > 0) {
      this.#room = room - 1
      return Promise.resolve()
    }
    return new Promise(begin => (first ? this.#first : this.#then).push(begin))
  }

  /** Resolves when nobody waits for a turn any more, after so many milliseconds at the latest: for what is done once for many that have begun. */
  async calm(milliseconds: number): Promise<void> {
    if (milliseconds <= 0 || this.#waiting === 0) return
    await this.#calm.wait(milliseconds)
  }

  get #waiting(): number {
    return this.#first.length + this.#then.length
  }

  readonly #next = (): void => {
    if (this.#waiting === 0) {
      this.#room = undefined
      return
    }
    setImmediate(this.#next)
    this.#room = Math.max(0, this.#company - this.#waiting)
    for (let begun = 0; begun < this.#company; begun += 1) (this.#first.shift() ?? this.#then.shift())?.()
    if (this.#waiting === 0) this.#calm.wakeAll()
  }
}
