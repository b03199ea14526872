/** One client's way through the exits of a container it is attached to, or is about to be. */
export interface Delivery {
  /** It is attached: from now on it is waited for. */
  join(): void
  /** It has taken something. */
  took(): void
  /** Everything up to the exit at this time (unix nanoseconds) has been handed over. */
  reached(finishedAt: bigint): void
  /** It has been let go, and does not get what comes. */
  lose(): void
  /** It has everything, and knows if that is not the whole; or it has gone. */
  end(): void
}

interface Open {
  readonly number: number
  isJoined: boolean
  isLost: boolean
  reachedAt: bigint
  /** By `performance.now`. */
  takenAt: number
}

/** How far the attached clients of a container are, so that its exit is told when they have its last byte. */
export class Deliveries {
  readonly #patience: number
  readonly #open = new Set<Open>()
  readonly #waiting = new Set<() => void>()
  #begun = 0
  #handedOverAt = Number.NEGATIVE_INFINITY

  /** Who takes nothing for `patience` milliseconds after an exit is let go. */
  constructor(patience: number) {
    this.#patience = patience
  }

  /** How many have begun, so far. */
  get begun(): number {
    return this.#begun
  }

  /** When a client last had everything up to an exit; by `performance.now`. */
  get handedOverAt(): number {
    return this.#handedOverAt
  }

  /** A client that will be attached. */
  begin(): Delivery {
    this.#begun += 1
    const open: Open = { number: this.#begun, isJoined: false, isLost: false, reachedAt: 0n, takenAt: 0 }
    this.#open.add(open)
    const change = (apply: () => void) => (): void => {
      apply()
      for (const check of [...this.#waiting]) check()
    }
    return {
      join: () => {
        open.isJoined = true
      },
      took: () => {
        open.takenAt = performance.now()
      },
      reached: finishedAt =>
        change(() => {
          open.reachedAt = finishedAt
          this.#handedOverAt = performance.now()
        })(),
      lose: change(() => (open.isLost = true)),
      end: change(() => this.#open.delete(open)),
    }
  }

  /** Resolves when nobody is to get more of what came before the exit at this time, or `limit` milliseconds later. */
  async complete(finishedAt: bigint, limit: number): Promise<void> {
    const end = performance.now() + limit
    await this.#until(
      () => this.#behind(finishedAt, this.#begun).length === 0 || performance.now() >= end,
      () => end,
    )
  }

  /**
   * Whether each of the first `count` clients that ever began has got everything up to the exit at this time, or has gone.
   * Waits for as long as they take something; false as soon as it is known that one does not get it.
   */
  async outcome(finishedAt: bigint, count: number): Promise<boolean> {
    const asked = performance.now()
    const until = ({ takenAt }: Open): number => Math.max(takenAt, asked) + this.#patience
    const behind = (): Open[] => this.#behind(finishedAt, count)
    await this.#until(
      () => {
        for (const open of behind()) if (performance.now() >= until(open)) open.isLost = true
        return behind().length === 0
      },
      () => Math.min(...behind().map(until)),
    )
    return ![...this.#open].some(
      ({ isLost, number, reachedAt }) => isLost && number <= count && reachedAt < finishedAt,
    )
  }

  #behind(finishedAt: bigint, count: number): Open[] {
    return [...this.#open].filter(
      ({ number, isJoined, isLost, reachedAt }) =>
        isJoined && !isLost && number <= count && reachedAt < finishedAt,
    )
  }

  /** Resolves when the answer is yes; it is asked at every change, and at the time (`performance.now`) that `next` says. */
  #until(isDone: () => boolean, next: () => number): Promise<void> {
    return new Promise(resolve => {
      let timer: NodeJS.Timeout | undefined
      const check = (): void => {
        clearTimeout(timer)
        if (isDone()) {
          this.#waiting.delete(check)
          resolve()
        } else {
          // A timer may come a little early.
          timer = setTimeout(check, Math.max(1, Math.ceil(next() - performance.now())))
        }
      }
      this.#waiting.add(check)
      check()
    })
  }
}
