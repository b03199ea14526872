import { setTimeout as pause } from 'node:timers/promises'
import type { BuildTrace } from '../../../types/index.ts'
import { LogClip, type TraceLog } from './log-clip.ts'

/** Characters that are kept of one build for those who come late, and for one who reads more slowly than it tells. */
const MOST = 4 * 1024 * 1024
const MOST_UNREAD = 64 * 1024 * 1024
/** Characters of a step's output that are told as one piece, and milliseconds in which they gather. */
const PIECE = 32 * 1024
const GATHERING = 20
/** Milliseconds that the end waits for those who still read. */
const PATIENCE = 10_000

/** What a build has told, for all who listen, whenever they come. */
export class Story {
  readonly #told: BuildTrace[] = []
  readonly #listeners = new Set<() => void>()
  readonly #clip: LogClip
  /** Output that gathers: of one step and one stream. */
  #gathered: TraceLog[] = []
  #gatheredSize = 0
  #followers = 0
  #size = 0
  #isOver = false
  /** How many traces were dropped. */
  #first = 0

  constructor(clip: LogClip = new LogClip()) {
    this.#clip = clip
  }

  tell(trace: BuildTrace): void {
    if (this.#isOver) return
    const { logs = [], ...others } = trace
    for (const log of logs) {
      const clipped = this.#clip.clip(log)
      if (clipped !== undefined) this.#gather(clipped)
    }
    if (Object.keys(others).length > 0) {
      this.#close()
      this.#push(others)
    }
    this.#wake()
  }

  /** Nothing more will be told. */
  end(): void {
    this.#close()
    this.#isOver = true
    this.#wake()
  }

  /** What was told so far. */
  get told(): readonly BuildTrace[] {
    this.#close()
    return this.#told
  }

  /** After the end: settles when all who listen have read it, or do not seem to read, or the signal is aborted. */
  async heard(signal: AbortSignal): Promise<void> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])
    while (this.#followers > 0 && !patience.aborted) await this.#news(patience)
  }

  /** All, from the beginning on, until it is over. */
  async *follow(signal: AbortSignal): AsyncGenerator<BuildTrace> {
    this.#followers += 1
    try {
      yield* this.#read(signal)
    } finally {
      this.#followers -= 1
      this.#wake()
    }
  }

  async *#read(signal: AbortSignal): AsyncGenerator<BuildTrace> {
    let next = this.#first
    while (!signal.aborted) {
      this.#close()
      next = Math.max(next, this.#first)
      while (next - this.#first < this.#told.length) {
        const trace = this.#told[next - this.#first]
        next += 1
        if (trace !== undefined) yield trace
        this.#forget(MOST, next)
        next = Math.max(next, this.#first)
      }
      if (this.#gathered.length > 0) continue
      if (this.#isOver) return
      await this.#news(signal)
      if (!this.#isOver) await pause(GATHERING)
    }
  }

  #gather(log: TraceLog): void {
    const [first] = this.#gathered
    const isSame = first?.vertex === log.vertex && first.stream === log.stream
    if (!isSame || this.#gatheredSize >= PIECE) this.#close()
    this.#gathered.push(log)
    this.#gatheredSize += log.data.length
  }

  /** What has gathered is a piece. */
  #close(): void {
    const [first, ...others] = this.#gathered
    if (first === undefined) return
    const pieces = this.#gathered.map(({ data }) => Buffer.from(data, 'base64'))
    const log = others.length === 0 ? first : { ...first, data: Buffer.concat(pieces).toString('base64') }
    this.#gathered = []
    this.#gatheredSize = 0
    this.#push({ logs: [log] })
  }

  #push(trace: BuildTrace): void {
    this.#told.push(trace)
    this.#size += sizeOf(trace)
    this.#forget(MOST_UNREAD)
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
