/** Something that took time, as a trace tells it. Times are microseconds since 1970, by the clock that each process began with. */
export interface Span {
  readonly name: string
  /** Spans that overlap have different ones, from 0 on. */
  readonly lane: number
  readonly begin: number
  readonly end: number
}

/** Milliseconds since a begin, and when that was, since 1970: `performance` is one. */
export interface SpanClock {
  readonly timeOrigin: number
  now(): number
}

/** What is kept of a trace that nobody fetches. */
const MOST = 100_000

/** Records spans while somebody wants them; otherwise all that it does is a look at a flag. */
export class SpanRecorder {
  #recording = 0
  #spans: Span[] = []
  readonly #lanes: boolean[] = []
  #clock: SpanClock = { timeOrigin: 0, now: () => 0 }

  /** Records from now on; returns the time. Each of several recordings has an end of its own. */
  record(clock: SpanClock): number {
    this.#recording += 1
    this.#clock = clock
    return this.#now()
  }

  /** Ends a recording and gives the spans that have begun since its begin. */
  take(since: number): readonly Span[] {
    const found = this.#spans.filter(({ begin }) => begin >= since)
    this.#recording = Math.max(0, this.#recording - 1)
    if (this.#recording === 0) this.#spans = []
    return found
  }

  /** Does a work, whose time is a span if it is recorded. */
  async during<T>(name: string, work: () => T | Promise<T>): Promise<T> {
    if (this.#recording === 0) return work()
    const begin = this.#now()
    const lane = this.#takeLane()
    try {
      return await work()
    } finally {
      this.#lanes[lane] = false
      this.#add({ name, lane, begin, end: this.#now() })
    }
  }

  /** A span that was measured elsewhere. */
  add(name: string, begin: number, end: number = this.#now()): void {
    if (this.#recording > 0) this.#add({ name, lane: this.#freeLane(), begin, end })
  }

  #add(span: Span): void {
    if (this.#spans.length < MOST) this.#spans.push(span)
  }

  #freeLane(): number {
    const free = this.#lanes.indexOf(false)
    return free < 0 ? this.#lanes.length : free
  }

  #now(): number {
    return Math.round((this.#clock.timeOrigin + this.#clock.now()) * 1e3)
  }

  #takeLane(): number {
    const lane = this.#freeLane()
    this.#lanes[lane] = true
    return lane
  }
}

/** What this process, or this thread, records. */
export const spans: SpanRecorder = new SpanRecorder()
