import type { BuildTrace } from '../../../types/index.ts'

/** Characters that are kept of one build for those who come late, and for one who reads more slowly than it tells. */
const MOST = 4 * 1024 * 1024
const MOST_UNREAD = 64 * 1024 * 1024

/** What a build has told, for all who listen, whenever they come. */
export class Story {
  readonly #told: BuildTrace[] = []
  readonly #listeners = new Set<() => void>()
  #size = 0
  #isOver = false
  /** How many traces were dropped. */
  #first = 0

  tell(trace: BuildTrace): void {
    if (this.#isOver) return
    this.#told.push(trace)
    this.#size += sizeOf(trace)
    this.#forget(MOST_UNREAD)
    this.#wake()
  }

  /** Nothing more will be told. */
  end(): void {
    this.#isOver = true
    this.#wake()
  }

  /** What was told so far. */
  get told(): readonly BuildTrace[] {
    return this.#told
  }

  /** All, from the beginning on, until it is over. */
  async *follow(signal: AbortSignal): AsyncGenerator<BuildTrace> {
    let next = this.#first
    while (!signal.aborted) {
      next = Math.max(next, this.#first)
      while (next - this.#first < this.#told.length) {
        const trace = this.#told[next - this.#first]
        next += 1
        if (trace !== undefined) yield trace
        this.#forget(MOST, next)
      }
      if (this.#isOver) return
      await this.#news(signal)
    }
  }

  /** The oldest goes while there is too much. */
  #forget(most: number, before: number = Number.POSITIVE_INFINITY): void {
    while (this.#size > most && this.#first < before && this.#told.length > 0) {
      const trace = this.#told.shift()
      this.#first += 1
      this.#size -= trace === undefined ? 0 : sizeOf(trace)
    }
  }

  #news(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        this.#listeners.delete(wake)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      this.#listeners.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  #wake(): void {
    for (const wake of [...this.#listeners]) wake()
  }
}

function sizeOf({ logs = [] }: BuildTrace): number {
  return 200 + logs.reduce((total, { data }) => total + data.length, 0)
}
