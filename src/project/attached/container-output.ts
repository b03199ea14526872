import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { Docker } from '../../client/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { ContainerLog, type LogGap } from '../logs/container-log.ts'
import { type LogRange, rangeSince } from '../logs/log-range.ts'
import type { LogSink } from '../logs/log-sink.ts'
import { readOutput } from '../logs/output-stream.ts'

const NEWLINE = 0x0a

/** What one container is, and where its output goes. */
export interface ContainerOutputOptions {
  readonly docker: Docker
  readonly container: { readonly id: string; readonly name: string }
  readonly printer: LogSink
  readonly reconnect: () => Promise<unknown>
  readonly onGap: (name: string, gap: LogGap) => void
  readonly onError: (error: unknown) => void
}

/**
 * What one container writes, printed over all its starts. It is attached to before its start, so that it waits for us as
 * for any client; whenever that connection ends before the container has (its engine died, or we were stopped for so long
 * that it was let go), its log goes on where the connection broke off. Docker ends the stream at each exit, our engine keeps
 * it over restarts by policy, as the monitor stays; no line is lost or printed twice with either.
 */
export class ContainerOutput {
  readonly #options: ContainerOutputOptions
  #stream: Readable | undefined
  /** From the time on that it is followed by its log; it knows where it is. */
  #log: ContainerLog | undefined
  #isFollowed = false
  #ended: Promise<void> = Promise.resolve()
  #startedWhileOpen = false
  #closed = false
  #lastTaken = 0
  /** Unix seconds before the start, and the lines that came since. */
  #attachedAt = 0
  #lines = 0

  constructor(options: ContainerOutputOptions) {
    this.#options = options
  }

  /** From here on no line is lost, if it has not started yet. */
  async attach(): Promise<void> {
    const { docker, container } = this.#options
    const { State } = await docker.getContainer(container.id).inspect()
    this.#attachedAt = Date.now() / 1000
    // Where in the log of one that runs we came to it nobody could say later: it is followed by its log from now on.
    if (State.Running) return this.#follow({ follow: true, tail: '0' })
    await this.#attach()
  }

  async #attach(): Promise<void> {
    const { docker, container } = this.#options
    const target = docker.getContainer(container.id)
    const { Config } = await target.inspect()
    this.#attachedAt = Date.now() / 1000
    this.#lines = 0
    this.#read(await target.attach({ stream: true, stdout: true, stderr: true }), Config.Tty === true)
  }

  /** It was started again: what it writes since then, unless the stream that is open brings it. */
  async resume(): Promise<void> {
    if (this.#isOpen) {
      this.#startedWhileOpen = true
      return
    }
    const { docker, container } = this.#options
    const { State } = await docker.getContainer(container.id).inspect()
    this.#follow({ follow: true, tail: 'all', ...rangeSince(State.StartedAt) })
  }

  /** The engine died: goes on behind the last whole line that came. */
  goOn(): void {
    // A log goes on by itself.
    if (!this.#isFollowed) this.#goOnByLog()
  }

  /** Resolves when its last line is printed: its stream has ended, or has brought nothing for `limit` milliseconds. */
  async drained(limit: number): Promise<void> {
    const { printer, container } = this.#options
    const begun = performance.now()
    let current: Promise<void> | undefined
    // A stream that broke off is followed by the log, whose end is then the one that counts.
    for (let idle = 0; current !== this.#ended && idle < limit; ) {
      const ended: Promise<void> = this.#ended
      const patience = new AbortController()
      const timer = setTimeout(limit - idle, undefined, { signal: patience.signal }).catch(() => undefined)
      const isOver = await Promise.race([ended.then(() => true), timer])
      if (isOver === true) current = ended
      patience.abort()
      // Who reads our own output may be slow: the rest is still to come.
      await printer.room()
      idle = performance.now() - Math.max(this.#lastTaken, this.#log?.lastTaken ?? 0, begun)
    }
    printer.end(container.name)
  }

  close(): void {
    this.#closed = true
    this.#stream?.destroy()
    this.#log?.close()
    this.#options.printer.end(this.#options.container.name)
  }

  get #isOpen(): boolean {
    return this.#stream !== undefined || this.#isFollowed
  }

  #read(stream: Readable, isTerminal: boolean): void {
    if (this.#closed) return void stream.destroy()
    const { printer, container } = this.#options
    this.#stream = stream
    this.#startedWhileOpen = false
    readOutput(
      stream,
      isTerminal,
      (kind, bytes) => {
        this.#lastTaken = performance.now()
        for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) this.#lines += 1
        printer.write(container.name, kind, bytes)
      },
      () => printer.room(),
    )
    // A broken connection ends the stream, too; the project's events tell whether the engine is gone.
    stream.on('error', error => {
      if (error instanceof Failure && this.#stream === stream) this.#goOnByLog()
    })
    this.#ended = new Promise(resolve => {
      const onEnd = (): void => {
        resolve()
        if (this.#stream !== stream) return
        this.#stream = undefined
        // An attached connection is both ways: its output ends, our half of it stays until it is closed, too.
        stream.destroy()
        if (this.#startedWhileOpen && !this.#closed) this.#resumeIfRunning().catch(this.#options.onError)
      }
      stream.once('end', onEnd)
      stream.once('close', onEnd)
    })
  }

  #goOnByLog(): void {
    this.#stream = undefined
    // The beginning of a line comes again with its rest.
    this.#options.printer.forget(this.#options.container.name)
    this.#follow({ follow: true, tail: 'all', since: this.#attachedAt, skip: this.#lines })
  }

  /** By the log that was followed before, from its last line on, whatever the range. */
  #follow(range: LogRange): void {
    if (this.#closed) return
    const { docker, container, printer, reconnect, onGap, onError } = this.#options
    this.#log ??= new ContainerLog({ docker, ...container, printer, timestamps: false, reconnect, onGap })
    this.#isFollowed = true
    this.#startedWhileOpen = false
    const onEnd = async (): Promise<void> => {
      this.#isFollowed = false
      if (this.#startedWhileOpen) await this.#resumeIfRunning()
    }
    // Without a log (driver none) there is nothing but to attach again.
    const onFailure = async (error: unknown): Promise<void> => {
      this.#isFollowed = false
      if (!(error instanceof Failure && error.kind === 'notImplemented')) throw error
      this.#log = undefined
      await this.#attach()
    }
    this.#ended = this.#log.read(range).then(onEnd, onFailure).catch(onError)
  }

  /** A start was told before the end of the stream of the run before it. */
  async #resumeIfRunning(): Promise<void> {
    this.#startedWhileOpen = false
    const { docker, container } = this.#options
    try {
      const { State } = await docker.getContainer(container.id).inspect()
      if (State.Running && !this.#isOpen) await this.resume()
    } catch (error) {
      // The stream ended with its engine: whoever hears of that lets us go on.
      if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
    }
  }
}
