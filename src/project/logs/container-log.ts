import type { Readable } from 'node:stream'
import { readGone } from '../../api/log-gone.ts'
import type { LogGone } from '../../api/types/index.ts'
import type { Container, Docker } from '../../client/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import type { LogRange } from './log-range.ts'
import type { LogSink } from './log-sink.ts'
import { readOutput } from './output-stream.ts'
import { type StampedBatch, StampedLines, withoutStamp } from './stamped-lines.ts'

/** The content type of an answer whose bytes are framed, from API 1.42 on. */
const MULTIPLEXED = 'application/vnd.docker.multiplexed-stream'

/** Tries in a row to go on with a log whose engine has died; one that is being killed may let a connection in. */
const ATTEMPTS = 5

/** What of a log is wanted, and where its lines go. */
export interface ContainerLogOptions {
  readonly docker: Docker
  readonly id: string
  readonly name: string
  readonly printer: Pick<LogSink, 'lines' | 'room'>
  /** Show the time of each line. */
  readonly timestamps: boolean
  /** Starts a new engine when the one that was asked has died; containers do not notice. */
  readonly reconnect: () => Promise<unknown>
  /** Told of each part that is missing, once, before the line that follows it. */
  readonly onGap: (name: string, gap: LogGap) => void
}

/** Lines that rotation took away before they were read. */
export type LogGap =
  | ({ readonly place: 'beginning' } & LogGone)
  /** While no engine kept its files. Without a number where it is not known how many lines had come before. */
  | { readonly place: 'middle'; readonly lines?: number }

/**
 * The log of one container, printed over all its starts and over engines that die: it is read with the times of its lines,
 * and goes on where it broke off, so that no line is lost or printed twice.
 */
export class ContainerLog {
  readonly #options: ContainerLogOptions
  readonly #lines = new StampedLines()
  #stream: Readable | undefined
  #skip = 0
  #isClosed = false
  #isBegun = false
  /** So many lines of all that the container wrote are behind us; undefined after a beginning at some part of the log. */
  #position: number | undefined
  #lastTaken = 0

  constructor(options: ContainerLogOptions) {
    this.#options = options
  }

  /** When it last got something, by `performance.now`. */
  get lastTaken(): number {
    return this.#lastTaken
  }

  /** Prints the log; resolves when it has ended, which with `follow` it does with the container's run. */
  async read(range: LogRange): Promise<void> {
    for (let failed = 0; !this.#isClosed; ) {
      const before = this.#lines.since
      try {
        await this.#readOnce(range)
        return
      } catch (error) {
        if (this.#isClosed) return
        if (!isBrokenOff(error)) throw error
        failed = this.#lines.since === before ? failed + 1 : 1
        if (failed > ATTEMPTS) throw error
        await this.#options.reconnect()
      }
    }
  }

  /** Prints what it has of a last line, and stops. */
  close(): void {
    this.#isClosed = true
    this.#stream?.destroy()
  }

  async #readOnce(range: LogRange): Promise<void> {
    const { docker, id, printer } = this.#options
    const container = docker.getContainer(id)
    const answer = await container.openLogs(this.#query(range))
    const tty = await isRaw(answer, container)
    if (this.#isClosed) return void answer.destroy()
    this.#stream = answer
    const gone = readGone(answer.headers)
    const skip = this.#lines.since === undefined ? (range.skip ?? 0) : 0
    this.#skip = Math.max(0, skip - (gone?.lines ?? 0))
    if (this.#isBegun) this.#goOn(gone)
    else this.#begin(range, gone)
    readOutput(
      answer,
      tty,
      (kind, bytes, isFrame) => {
        const batch = this.#lines.push(kind, bytes, isFrame)
        if (this.#position !== undefined) this.#position += batch.lines.length
        this.#print(batch)
      },
      () => printer.room(),
    )
    await finished(answer)
    // A line without an end is none yet, as the log counts.
    for (const batch of this.#lines.end()) this.#print(batch)
  }

  /** The second time from the last line on, whatever part was asked for at first. */
  #query({ follow, tail, since, until }: LogRange): object {
    this.#lines.resume()
    const from = this.#lines.since
    return {
      follow,
      stdout: true,
      stderr: true,
      timestamps: true,
      tail: from === undefined ? tail : 'all',
      since: from ?? since,
      until,
    }
  }

  #print({ kind, lines }: StampedBatch): void {
    const { printer, name, timestamps } = this.#options
    this.#lastTaken = performance.now()
    const skipped = Math.min(this.#skip, lines.length)
    this.#skip -= skipped
    const shown = skipped === 0 ? lines : lines.slice(skipped)
    if (shown.length > 0) printer.lines(name, kind, timestamps ? shown : shown.map(withoutStamp))
  }

  #begin({ tail, since, skip }: LogRange, gone: LogGone | undefined): void {
    this.#isBegun = true
    if (tail === 'all' && since === undefined) this.#position = gone?.lines ?? 0
    if (gone === undefined) return
    if (skip === undefined) this.#tell({ place: 'beginning', ...gone })
    else if (gone.lines > skip) this.#tell({ place: 'middle' })
  }

  /** What is gone is what we have, as long as we are behind it; beyond that it is missing here. */
  #goOn(gone: LogGone | undefined): void {
    if (gone === undefined || gone.lines <= (this.#position ?? 0)) return
    this.#tell({
      place: 'middle',
      ...(this.#position === undefined ? {} : { lines: gone.lines - this.#position }),
    })
    this.#position = gone.lines
  }

  #tell(gap: LogGap): void {
    this.#options.onGap(this.#options.name, gap)
  }
}

/** Whether the bytes are those of a terminal, without frames: newer engines say so with the answer. */
async function isRaw(
  { headers }: Awaited<ReturnType<Container['openLogs']>>,
  container: Container,
): Promise<boolean> {
  if (headers['content-type'] === MULTIPLEXED) return false
  return (await container.inspect()).Config.Tty === true
}

/** Rejects with what the engine said last (STREAM_ERROR), or with BrokenOff. */
function finished(stream: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('end', resolve)
    // What is no Failure is the connection's.
    stream.once('error', error => reject(error instanceof Failure ? error : new BrokenOff({ cause: error })))
    stream.once('close', () => (stream.readableEnded ? resolve() : reject(new BrokenOff())))
  })
}

class BrokenOff extends Error {
  constructor(options?: ErrorOptions) {
    super('the connection to the engine broke off', options)
  }
}

/** The connection ended before its answer did, or nobody answers: the engine is gone. */
function isBrokenOff(error: unknown): boolean {
  return error instanceof BrokenOff || (error instanceof Failure && error.kind === 'unavailable')
}
