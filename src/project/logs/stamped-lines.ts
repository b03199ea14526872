import { LineCutter } from './line-cutter.ts'
import type { LogStream } from './output-stream.ts'

const BLANK = 0x20

/** Lines of one stream, each behind the time at which it was written (RFC 3339) and a blank. */
export interface StampedBatch {
  readonly kind: LogStream
  readonly lines: readonly string[]
}

/**
 * Cuts a log with timestamps into lines, and remembers which was the last: a log that broke off is asked for again from
 * `since`, and of what then comes twice the part that was given is left out. Many lines may have one time.
 */
export class StampedLines {
  readonly #pending = { stdout: makePending(), stderr: makePending() }
  /** Time of the last line that was given, and how many lines with that time were. */
  #last = ''
  #count = 0
  /** What of the lines with the last time is still to come again, after `resume`; undefined: nothing comes again. */
  #again: number | undefined

  /** Unix seconds from which on the log must be read again; undefined before the first line. */
  get since(): number | undefined {
    // The time of a line has more digits than a number: somewhat earlier is right, the rest is left out by its text.
    return this.#last === '' ? undefined : Date.parse(this.#last) / 1000
  }

  /**
   * Bytes of a stream, cut anywhere: the lines that are whole now. `isMessage`: a message of the engine's begins with them. A long line
   * comes in several (Docker's have 16 KiB, ours 1 MiB), each of which has a time of its own.
   */
  push(kind: LogStream, bytes: Buffer, isMessage = false): StampedBatch {
    const pending = this.#pending[kind]
    if (isMessage) pending.isInStamp = pending.cutter.length > 0
    const blank = pending.isInStamp ? bytes.indexOf(BLANK) : -1
    const text = pending.isInStamp && blank < 0 ? bytes.subarray(bytes.length) : bytes.subarray(blank + 1)
    if (blank >= 0) pending.isInStamp = false
    return { kind, lines: this.#give(pending.cutter.push(text)) }
  }

  /** The log has ended: last lines without an end. */
  end(): readonly StampedBatch[] {
    return (['stdout', 'stderr'] as const).flatMap(kind => {
      const rest = this.#pending[kind].cutter.end()
      this.#pending[kind] = makePending()
      return rest === '' ? [] : [{ kind, lines: this.#give([rest]) }]
    })
  }

  /** The log broke off, and is read again from `since`: a line that had not come whole comes again. */
  resume(): void {
    this.#pending.stdout = makePending()
    this.#pending.stderr = makePending()
    this.#again = this.#last === '' ? undefined : this.#count
  }

  #give(lines: readonly string[]): readonly string[] {
    const fresh = this.#again === undefined ? lines : this.#withoutGiven(lines)
    const last = fresh.at(-1)
    if (last === undefined) return fresh
    const stamp = stampOf(last)
    let same = 0
    while (same < fresh.length && stampOf(fresh[fresh.length - 1 - same] ?? '') === stamp) same += 1
    this.#count = same === fresh.length && stamp === this.#last ? this.#count + same : same
    this.#last = stamp
    return fresh
  }

  #withoutGiven(lines: readonly string[]): readonly string[] {
    for (const [index, line] of lines.entries()) {
      const stamp = stampOf(line)
      if (stamp < this.#last) continue
      if (stamp === this.#last && this.#again !== undefined && this.#again > 0) {
        this.#again -= 1
        continue
      }
      this.#again = undefined
      return lines.slice(index)
    }
    return []
  }
}

/** The line without its time. */
export function withoutStamp(line: string): string {
  return line.slice(line.indexOf(' ') + 1)
}

/** The time of a line. */
export function stampOf(line: string): string {
  return line.slice(0, line.indexOf(' '))
}

/** A line whose end has not come; `isInStamp`: the time of its next part is still to come, or the rest of that. */
interface Pending {
  readonly cutter: LineCutter
  isInStamp: boolean
}

function makePending(): Pending {
  return { cutter: new LineCutter(), isInStamp: false }
}
