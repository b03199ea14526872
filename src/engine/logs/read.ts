import { fstatSync } from 'node:fs'
import { dirname } from 'node:path'
import type { LogGone, LogOptions, LogRecord } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { ChangeWatch } from './change-watch.ts'
import { closeLogFiles, type LogFile, openLogFiles, openNextLogFile } from './files.ts'
import { LogParser, type LogSelection, logTime } from './parser.ts'
import { findTail } from './tail.ts'

const CHUNK = 1 << 18

/** How often a reader must say that it makes progress: otherwise the files that it still has to read are kept no longer. */
const KEEP_MILLISECONDS = 10_000

/** The source of a log: its path, and whether more may come. */
export interface LogSource {
  readonly path: string
  /** Resolves when the container has ended and its last line is in the file; undefined when it does not run. */
  readonly ended: Promise<void> | undefined
  /** Keeps the files that are still to be read from rotation; without it those that it takes away are lost. */
  readonly hold?: () => Promise<LogHold | undefined>
}

/** Files are kept from a number on, as long as somebody reads on. */
export interface LogHold {
  keepFrom(number: number): void
  release(): void
}

/** A log, opened. */
export interface OpenedLog {
  /** What rotation had taken away of that which was asked for. */
  readonly gone?: LogGone
  /** To be iterated, or the files stay open. */
  readonly records: AsyncGenerator<readonly LogRecord[], void, undefined>
}

/**
 * Opens a log over its rotated files. Its records are what is there at this moment and, with `follow`, what comes, across
 * further rotations, until the container has ended or the client is gone. No line is lost or given twice: LOG_GONE where
 * rotation took files away before a follower had read them.
 */
export async function openLog(
  source: LogSource,
  options: LogOptions,
  signal: AbortSignal,
): Promise<OpenedLog> {
  const isFollowed = options.follow && source.ended !== undefined
  // Both begin before the first look, so that nothing can happen between.
  const watch = isFollowed ? new ChangeWatch(dirname(source.path)) : undefined
  const hold = isFollowed ? await source.hold?.() : undefined
  const close = (): void => {
    watch?.close()
    hold?.release()
  }
  let files: readonly LogFile[]
  try {
    files = await openLogFiles(source.path)
  } catch (error) {
    close()
    throw error
  }
  const start = options.tail === undefined ? FROM_THE_BEGINNING : await findTail(files, options.tail, options)
  const reader = new LogReader(source.path, [...files], start, options, hold)
  const records = read(reader, { ...source, watch, close }, signal)
  const before = files[0]?.before
  const isGone =
    start.isAll &&
    before !== undefined &&
    (options.since === undefined || logTime(options.since) < before.time)
  return { ...(isGone ? { gone: { lines: before.lines, bytes: before.bytes } } : {}), records }
}

/** The records alone, see `openLog`. */
export async function* readLog(
  source: LogSource,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[], void, undefined> {
  yield* (await openLog(source, options, signal)).records
}

const FROM_THE_BEGINNING = { file: 0, offset: 0, skip: 0, isAll: true } as const

interface Following extends LogSource {
  /** Absent: what is there is all that is wanted. */
  readonly watch: ChangeWatch | undefined
  readonly close: () => void
}

async function* read(
  reader: LogReader,
  source: Following,
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[], void, undefined> {
  const stop = (): void => source.watch?.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (source.watch === undefined) yield* reader.readOpened(signal)
    else yield* follow(reader, source.watch, source, signal)
    const last = reader.last()
    if (last.length > 0) yield last
  } finally {
    signal.removeEventListener('abort', stop)
    source.close()
    await reader.close()
  }
}

async function* follow(
  reader: LogReader,
  watch: ChangeWatch,
  source: LogSource,
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[], void, undefined> {
  let ended = false
  void source.ended?.then(() => {
    ended = true
    watch.poke()
  })
  while (!signal.aborted && !reader.past) {
    // Looked at before reading: what was written before the end is read after it.
    const isLast = ended
    yield* reader.readToEnd(signal, watch.takeRenames() || isLast)
    if (isLast) return
    await watch.wait()
  }
}

/** Reads forward from one file to the next. Owns the files. */
class LogReader {
  readonly #path: string
  readonly #files: LogFile[]
  readonly #opened: number
  readonly #parser: LogParser
  readonly #hold: LogHold | undefined
  #index: number
  #offset: number
  #keptAt = 0

  constructor(
    path: string,
    files: LogFile[],
    start: { readonly file: number; readonly offset: number; readonly skip: number },
    options: LogOptions,
    hold: LogHold | undefined,
  ) {
    this.#path = path
    this.#files = files
    this.#opened = files.length
    this.#index = start.file
    this.#offset = start.offset
    this.#hold = hold
    const selection: LogSelection = {
      stdout: options.stdout,
      stderr: options.stderr,
      timestamps: options.timestamps,
      skip: start.skip,
      ...(options.since === undefined ? {} : { since: logTime(options.since) }),
      ...(options.until === undefined ? {} : { until: logTime(options.until) }),
    }
    this.#parser = new LogParser(selection)
    this.#keep()
  }

  get past(): boolean {
    return this.#parser.past
  }

  /** What was there when the log was opened: a container that writes on must not keep this from its end. */
  async *readOpened(signal: AbortSignal): AsyncGenerator<readonly LogRecord[], void, undefined> {
    for (; this.#index < this.#opened; this.#offset = 0, this.#index += 1) {
      const size = this.#files[this.#index]?.size ?? 0
      while (!signal.aborted && !this.past) {
        const bytes = await this.#read(size)
        if (bytes === undefined) break
        const records = this.#parser.push(bytes)
        if (records.length > 0) yield records
      }
    }
  }

  /** Everything up to the present end of the present file, which may be another one by now where `isRenamed`. */
  async *readToEnd(
    signal: AbortSignal,
    isRenamed: boolean,
  ): AsyncGenerator<readonly LogRecord[], void, undefined> {
    while (!signal.aborted && !this.past) {
      const bytes = await this.#read(this.#present())
      if (bytes === undefined) {
        if (isRenamed && (await this.#advance())) continue
        return
      }
      const records = this.#parser.push(bytes)
      if (records.length > 0) yield records
    }
  }

  /** Parts of lines that never got their end. */
  last(): LogRecord[] {
    return this.#parser.end()
  }

  async close(): Promise<void> {
    await closeLogFiles(this.#files.splice(0))
  }

  /** Bytes of the present file. A thousand followers ask at each line, and no disk is waited for. */
  #present(): number {
    const file = this.#files[this.#index]
    return file === undefined ? 0 : fstatSync(file.handle.fd).size
  }

  async #read(end: number): Promise<Buffer | undefined> {
    const file = this.#files[this.#index]
    const length = Math.min(CHUNK, end - this.#offset)
    if (file === undefined || length <= 0) return undefined
    const buffer = Buffer.allocUnsafeSlow(length)
    const { bytesRead } = await file.handle.read(buffer, 0, length, this.#offset)
    this.#offset += bytesRead
    if (performance.now() - this.#keptAt > KEEP_MILLISECONDS) this.#keep()
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead)
  }

  /** To the next file, when there is one; a rotated file is written to no more, so its end was the end. */
  async #advance(): Promise<boolean> {
    const file = this.#files[this.#index]
    if (this.#index + 1 >= this.#files.length) {
      const found = await this.#openNext(file)
      this.#files.push(...found)
      this.#keep()
      if (found.length === 0) return false
      // What was written between our last read and the rotation is still to be read from the old file.
      if (file === undefined || (await file.handle.stat()).size > this.#offset) return true
    }
    await file?.handle.close()
    this.#files.splice(this.#index, 1)
    this.#offset = 0
    return true
  }

  /** What is open stays readable: from the last of those on, files are still to be kept by their names. */
  #keep(): void {
    const number = this.#files.at(-1)?.number
    if (number !== undefined) this.#hold?.keepFrom(number)
    this.#keptAt = performance.now()
  }

  async #openNext(file: LogFile | undefined): Promise<readonly LogFile[]> {
    if (file === undefined) return await openLogFiles(this.#path)
    const next = await openNextLogFile(this.#path, file.number)
    if (next === undefined) return []
    if (next.number === file.number + 1) return [next]
    await next.handle.close()
    throw failure({
      code: 'LOG_GONE',
      kind: 'unavailable',
      summary: 'Follow the log: its rotation took lines away before they were read',
      hint: 'read faster, or let the log keep more (max-size, max-file)',
    })
  }
}
