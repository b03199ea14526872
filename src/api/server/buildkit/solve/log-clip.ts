import type { BuildTrace } from '../../../types/index.ts'

/** A piece of what a step of a build said; its data are base64. */
export type TraceLog = NonNullable<BuildTrace['logs']>[number]

/** Bytes that a step may say, by the second and in all: BuildKit's own. */
const MOST_BY_SECOND = 200 * 1024
const MOST = 2 * 1024 * 1024

interface Said {
  /** Milliseconds. */
  readonly since: number
  /** Bytes, with those that were left out. */
  size: number
  isClipped: boolean
}

/** Leaves out what a step says too much or too fast, and says so where that begins, in BuildKit's words. */
export class LogClip {
  readonly #said = new Map<string, Said>()
  readonly #now: () => number

  /** `now` gives milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** What of it is told, if anything. */
  clip(log: TraceLog): TraceLog | undefined {
    const now = this.#now()
    const said = this.#said.get(log.vertex) ?? { since: now, size: 0, isClipped: false }
    this.#said.set(log.vertex, said)
    const bySpeed = Math.max(1, Math.ceil((now - said.since) / 1000)) * MOST_BY_SECOND
    const left = Math.min(bySpeed, MOST) - said.size
    const size = Buffer.byteLength(log.data, 'base64')
    said.size += size
    if (size <= left) {
      said.isClipped = false
      return log
    }
    if (said.isClipped && left <= 0) return undefined
    said.isClipped = true
    const kept = Buffer.from(log.data, 'base64').subarray(0, Math.max(0, left))
    const limit = bySpeed < MOST ? '200KiB/s' : '2MiB'
    const lineEnd = kept.length === 0 || kept.at(-1) === 0x0a ? '' : '\n'
    const mark = Buffer.from(`${lineEnd}[output clipped, log limit ${limit} reached]\n`)
    return { ...log, data: Buffer.concat([kept, mark]).toString('base64') }
  }
}
