import type { LogRecord } from '../../api/types/index.ts'

const NEWLINE = 0x0a
const SPACE = 0x20
const LETTER_O = 0x6f
const LETTER_H = 0x68
const LETTER_P = 0x50
/** A line without an end is given in pieces of this size, so that no container can fill the engine's memory. */
const LONGEST_LINE = 1 << 20

/** What of a log is wanted. Times are texts as the log writes them, so that they compare as bytes. */
export interface LogSelection {
  readonly stdout: boolean
  readonly stderr: boolean
  readonly since?: string
  readonly until?: string
  readonly timestamps: boolean
  /** How many lines to leave out at the beginning (see tail.ts). */
  readonly skip?: number
}

interface Partial {
  readonly time: string
  readonly pieces: Buffer[]
  size: number
}

/**
 * Turns bytes of a CRI log (`<time> <stdout|stderr> <F|P> <bytes>\n`) into records: parts of a long line are joined,
 * a record keeps its newline. Written for a million lines a second: a whole line is a view of the bytes given.
 */
export class LogParser {
  readonly #selection: LogSelection
  readonly #since: Buffer | undefined
  readonly #until: Buffer | undefined
  readonly #partial = { stdout: undefined as Partial | undefined, stderr: undefined as Partial | undefined }
  #rest: Buffer = Buffer.alloc(0)
  #past = false
  #skip: number

  constructor(selection: LogSelection) {
    this.#selection = selection
    this.#skip = selection.skip ?? 0
    this.#since = selection.since === undefined ? undefined : Buffer.from(selection.since)
    this.#until = selection.until === undefined ? undefined : Buffer.from(selection.until)
  }

  /** A line was later than `until`: nothing more comes of reading on. */
  get past(): boolean {
    return this.#past
  }

  /** The records that these bytes complete. The bytes must not be changed afterwards. */
  push(bytes: Buffer): LogRecord[] {
    const data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    const records: LogRecord[] = []
    let start = 0
    for (;;) {
      const end = data.indexOf(NEWLINE, start)
      if (end < 0) break
      this.#entry(data, start, end, records)
      start = end + 1
      if (this.#past) break
    }
    this.#rest = data.subarray(start)
    return records
  }

  /** What is left when the log has ended: last lines without a newline. */
  end(): LogRecord[] {
    const records: LogRecord[] = []
    for (const stream of ['stdout', 'stderr'] as const) this.#flush(stream, records)
    this.#rest = Buffer.alloc(0)
    return records
  }

  /** One entry, `end` is its newline. What is no entry (half a line after a full disk) is skipped. */
  #entry(data: Buffer, start: number, end: number, records: LogRecord[]): void {
    const timeEnd = data.indexOf(SPACE, start)
    const tagEnd = timeEnd + 9
    if (timeEnd < 0 || timeEnd > start + 40 || tagEnd > end || data[timeEnd + 7] !== SPACE) return
    // An entry of our own, see header.ts.
    if (data[timeEnd + 1] === LETTER_H) return
    const stream = data[timeEnd + 4] === LETTER_O ? 'stdout' : 'stderr'
    if (!this.#selection[stream]) return
    if (this.#skip > 0 && data[timeEnd + 8] !== LETTER_P) {
      this.#skip -= 1
      this.#partial[stream] = undefined
      return
    }
    if (this.#since !== undefined && data.compare(this.#since, 0, this.#since.length, start, timeEnd) < 0)
      return
    if (this.#until !== undefined && data.compare(this.#until, 0, this.#until.length, start, timeEnd) > 0) {
      this.#past = true
      return
    }
    const isPartial = data[timeEnd + 8] === LETTER_P
    const bytes = data.subarray(Math.min(tagEnd + 1, end), isPartial ? end : end + 1)
    if (!isPartial && this.#partial[stream] === undefined) {
      records.push(
        this.#selection.timestamps
          ? { stream, bytes, time: data.toString('latin1', start, timeEnd) }
          : { stream, bytes },
      )
      return
    }
    this.#piece(stream, data.toString('latin1', start, timeEnd), bytes)
    if (!isPartial || (this.#partial[stream]?.size ?? 0) >= LONGEST_LINE) this.#flush(stream, records)
  }

  #piece(stream: 'stdout' | 'stderr', time: string, bytes: Buffer): void {
    const partial = this.#partial[stream] ?? { time, pieces: [], size: 0 }
    partial.pieces.push(bytes)
    partial.size += bytes.length
    this.#partial[stream] = partial
  }

  #flush(stream: 'stdout' | 'stderr', records: LogRecord[]): void {
    const partial = this.#partial[stream]
    if (partial === undefined) return
    this.#partial[stream] = undefined
    const bytes = Buffer.concat(partial.pieces)
    records.push(this.#selection.timestamps ? { stream, bytes, time: partial.time } : { stream, bytes })
  }
}

/** Unix nanoseconds as the log writes times: UTC, nine digits. What no calendar has is before or behind all of them. */
export function logTime(nanoseconds: bigint): string {
  if (nanoseconds < 0n) return '0'
  const date = new Date(Number(nanoseconds / 1_000_000_000n) * 1000)
  if (Number.isNaN(date.getTime())) return '9'
  return `${date.toISOString().slice(0, 19)}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`
}
