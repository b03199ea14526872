import { dirname } from 'node:path'
import type { LogOptions, LogRecord } from '../../api/types/index.ts'
import { ChangeWatch } from './change-watch.ts'
import { closeLogFiles, type LogFile, openLogFiles, openNextLogFile } from './files.ts'
import { LogParser, type LogSelection, logTime } from './parser.ts'
import { findTail } from './tail.ts'

const CHUNK = 1 << 18

/** The source of a log: its path, and whether more may come. */
export interface LogSource {
  readonly path: string
  /** Resolves when the container has ended and its last line is in the file; undefined when it does not run. */
  readonly ended: Promise<void> | undefined
}

/**
 * Reads a log over its rotated files: first what is there, then, with `follow`, what comes, across further rotations,
 * until the container has ended or the client is gone. No line is lost or given twice.
 */
export async function* readLog(
  source: LogSource,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[], void, undefined> {
  // The watch begins before the first look, so that nothing can happen between the two.
  const watch =
    options.follow && source.ended !== undefined ? new ChangeWatch(dirname(source.path)) : undefined
  const stop = (): void => watch?.close()
  signal.addEventListener('abort', stop, { once: true })
  const files = await openLogFiles(source.path)
  try {
    const reader = await LogReader.open(source.path, files, options)
    yield* reader.readToEnd(signal)
    if (watch !== undefined) yield* follow(reader, watch, source, signal)
    const last = reader.last()
    if (last.length > 0) yield last
  } finally {
    signal.removeEventListener('abort', stop)
    watch?.close()
    await closeLogFiles(files)
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
    yield* reader.readToEnd(signal)
    if (isLast) return
    await watch.wait()
  }
}

/** Reads forward from one file to the next. Owns the list of files: the caller closes what is in it. */
class LogReader {
  readonly #path: string
  readonly #files: LogFile[]
  readonly #parser: LogParser
  #index: number
  #offset: number

  private constructor(path: string, files: LogFile[], parser: LogParser, index: number, offset: number) {
    this.#path = path
    this.#files = files
    this.#parser = parser
    this.#index = index
    this.#offset = offset
  }

  static async open(path: string, files: LogFile[], options: LogOptions): Promise<LogReader> {
    const streams = { stdout: options.stdout, stderr: options.stderr }
    const start =
      options.tail === undefined
        ? { file: 0, offset: 0, skip: 0 }
        : await findTail(files, options.tail, streams)
    const selection: LogSelection = {
      ...streams,
      timestamps: options.timestamps,
      skip: start.skip,
      ...(options.since === undefined ? {} : { since: logTime(options.since) }),
      ...(options.until === undefined ? {} : { until: logTime(options.until) }),
    }
    return new LogReader(path, files, new LogParser(selection), start.file, start.offset)
  }

  get past(): boolean {
    return this.#parser.past
  }

  /** Everything up to the present end of the present file. */
  async *readToEnd(signal: AbortSignal): AsyncGenerator<readonly LogRecord[], void, undefined> {
    while (!signal.aborted && !this.past) {
      const bytes = await this.#read()
      if (bytes === undefined) {
        if (await this.#advance()) continue
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

  async #read(): Promise<Buffer | undefined> {
    const file = this.#files[this.#index]
    if (file === undefined) return undefined
    const buffer = Buffer.allocUnsafeSlow(CHUNK)
    const { bytesRead } = await file.handle.read(buffer, 0, CHUNK, this.#offset)
    this.#offset += bytesRead
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead)
  }

  /** To the next file, when there is one; a rotated file is written to no more, so its end was the end. */
  async #advance(): Promise<boolean> {
    if (this.#index + 1 < this.#files.length) {
      this.#index += 1
      this.#offset = 0
      return true
    }
    const file = this.#files[this.#index]
    const next =
      file === undefined ? (await openLogFiles(this.#path))[0] : await openNextLogFile(this.#path, file)
    if (next === undefined) return false
    // What was written between our last read and the rotation is still to be read from the old file.
    if (file !== undefined && (await this.#hasMore(file))) {
      await next.handle.close()
      return true
    }
    this.#files.push(next)
    this.#index = this.#files.length - 1
    this.#offset = 0
    return true
  }

  async #hasMore(file: LogFile): Promise<boolean> {
    return (await file.handle.stat()).size > this.#offset
  }
}
