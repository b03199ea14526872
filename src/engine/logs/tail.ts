import type { LogFile } from './files.ts'
import type { LogSelection } from './parser.ts'

const BLOCK = 1 << 18
const NEWLINE = 0x0a
const SPACE = 0x20
const LETTER_O = 0x6f
const LETTER_H = 0x68
const LETTER_P = 0x50

/** Where to begin reading to get the last lines, and how many lines of what follows are older than those. */
export interface TailStart {
  /** Index of the file in the list that was given. */
  readonly file: number
  readonly offset: number
  /** Lines to drop first: of another stream, between the parts of a long line. */
  readonly skip: number
  /** There were fewer lines: all that there is begins here. */
  readonly isAll: boolean
}

/**
 * Finds the last `lines` lines by reading backwards, as far as needed. A line may consist of several parts with lines
 * of the other stream between them; reading goes on until the beginning of every wanted line is found.
 */
export async function findTail(
  files: readonly LogFile[],
  lines: number,
  selection: Pick<LogSelection, 'stdout' | 'stderr'>,
): Promise<TailStart> {
  const scan = new BackwardScan(lines, selection)
  for (let index = files.length - 1; index >= 0; index--) {
    const file = files[index]
    if (file === undefined) continue
    const offset = await scanFile(file, scan)
    if (offset !== undefined) return { file: index, offset, skip: scan.extra, isAll: false }
  }
  return { file: 0, offset: 0, skip: scan.extra, isAll: scan.isShort }
}

/** The offset at which the scan was satisfied; undefined when the file's beginning was reached before. */
async function scanFile(file: LogFile, scan: BackwardScan): Promise<number | undefined> {
  let end = file.size
  let later: Buffer = Buffer.alloc(0)
  while (end > 0) {
    const start = Math.max(0, end - BLOCK)
    const block = Buffer.alloc(end - start)
    await file.handle.read(block, 0, block.length, start)
    const data = later.length === 0 ? block : Buffer.concat([block, later])
    // The first line of the block may have begun before it: it waits for the next block, unless there is none.
    const whole = start === 0 ? 0 : data.indexOf(NEWLINE) + 1
    const found = scan.block(data, start === 0 ? 0 : whole)
    if (found !== undefined) return start + found
    later = data.subarray(0, start === 0 ? 0 : whole)
    end = start
  }
  return undefined
}

class BackwardScan {
  readonly #wanted: number
  readonly #selection: Pick<LogSelection, 'stdout' | 'stderr'>
  readonly #open = { stdout: false, stderr: false }
  readonly #seen = { stdout: false, stderr: false }
  #counted = 0
  #extra = 0

  constructor(wanted: number, selection: Pick<LogSelection, 'stdout' | 'stderr'>) {
    this.#wanted = wanted
    this.#selection = selection
  }

  get extra(): number {
    return this.#extra
  }

  /** Looks at the lines of `data` from `from` on, last first; the offset in `data` where reading must begin. */
  block(data: Buffer, from: number): number | undefined {
    let end = data.length - 1
    // Bytes after the last newline are an entry that is being written.
    if (data[end] !== NEWLINE) end = data.lastIndexOf(NEWLINE)
    while (end >= from) {
      const start = end === 0 ? 0 : data.lastIndexOf(NEWLINE, end - 1) + 1
      if (start < from) break
      if (this.#line(data, start)) return end + 1
      end = start - 1
    }
    return undefined
  }

  /** True when this line is before everything that is wanted. */
  #line(data: Buffer, start: number): boolean {
    if (this.satisfied) return true
    const timeEnd = data.indexOf(SPACE, start)
    if (timeEnd < 0) return false
    // An entry of our own, see header.ts.
    if (data[timeEnd + 1] === LETTER_H) return false
    const stream = data[timeEnd + 4] === LETTER_O ? 'stdout' : 'stderr'
    if (!this.#selection[stream]) return false
    // The last part of a line that has no end yet is a line, too: it is shown as one.
    const isLast = !this.#seen[stream]
    this.#seen[stream] = true
    if (data[timeEnd + 8] === LETTER_P && !isLast) return false
    if (this.#counted < this.#wanted) {
      this.#counted += 1
      this.#open[stream] = true
      return false
    }
    // The end of a line that is too old: what follows it in this stream begins a wanted line.
    this.#open[stream] = false
    if (this.satisfied) return true
    this.#extra += 1
    return false
  }

  /** There are not as many lines as are wanted, so far. */
  get isShort(): boolean {
    return this.#counted < this.#wanted
  }

  get satisfied(): boolean {
    return this.#counted >= this.#wanted && !this.#open.stdout && !this.#open.stderr
  }
}
