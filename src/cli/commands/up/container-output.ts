import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import type { Docker } from '../../../client/index.ts'
import { Failure } from '../../../diagnostics/index.ts'
import type { LogPrinter } from '../../views/log-printer.ts'
import { readOutput } from '../../views/output-stream.ts'

/**
 * What one container writes, printed over all its starts. An engine may end the stream at each exit (Docker) or keep it
 * over restarts by policy (ours, as the monitor stays); neither may lose a line or print one twice.
 */
export class ContainerOutput {
  readonly #docker: Docker
  readonly #id: string
  readonly #name: string
  readonly #printer: LogPrinter
  readonly #onError: (error: unknown) => void
  #stream: Readable | undefined
  #ended: Promise<void> = Promise.resolve()
  #startedWhileOpen = false
  #closed = false
  #lastTaken = 0

  constructor(
    docker: Docker,
    container: { readonly id: string; readonly name: string },
    printer: LogPrinter,
    onError: (error: unknown) => void,
  ) {
    this.#docker = docker
    this.#id = container.id
    this.#name = container.name
    this.#printer = printer
    this.#onError = onError
  }

  /** From here on no line is lost, if it has not started yet. */
  async attach(): Promise<void> {
    const container = this.#docker.getContainer(this.#id)
    const { Config } = await container.inspect()
    const stream = await container.attach({ stream: true, stdout: true, stderr: true })
    this.#read(stream, Config.Tty === true)
  }

  /** It was started again: what it writes since then, unless the stream that is open brings it. */
  async resume(): Promise<void> {
    if (this.#stream !== undefined) {
      this.#startedWhileOpen = true
      return
    }
    const { State } = await this.#docker.getContainer(this.#id).inspect()
    await this.resumeFrom(Date.parse(State.StartedAt))
  }

  /** What was logged since an instant, milliseconds since 1970. */
  async resumeFrom(instant: number): Promise<void> {
    const container = this.#docker.getContainer(this.#id)
    const { Config } = await container.inspect()
    const wanted = { follow: true, stdout: true, stderr: true, since: instant / 1000 } as const
    this.#read(await container.logs(wanted), Config.Tty === true)
  }

  /** Resolves when its last line is printed: its stream has ended, or has brought nothing for `limit` milliseconds. */
  async drained(limit: number): Promise<void> {
    let isEnded = false
    const ended = this.#ended.then(() => {
      isEnded = true
    })
    const begun = performance.now()
    let idle = 0
    while (!isEnded && idle < limit) {
      const patience = new AbortController()
      const timer = setTimeout(limit - idle, undefined, { signal: patience.signal }).catch(() => undefined)
      await Promise.race([ended, timer])
      patience.abort()
      // Who reads our own output may be slow: the rest is still to come.
      await this.#printer.room()
      idle = performance.now() - Math.max(this.#lastTaken, begun)
    }
    this.#printer.end(this.#name)
  }

  close(): void {
    this.#closed = true
    this.#stream?.destroy()
    this.#printer.end(this.#name)
  }

  #read(stream: Readable, isTerminal: boolean): void {
    if (this.#closed) return void stream.destroy()
    this.#stream = stream
    this.#startedWhileOpen = false
    readOutput(
      stream,
      isTerminal,
      (kind, bytes) => {
        this.#lastTaken = performance.now()
        this.#printer.write(this.#name, kind, bytes)
      },
      () => this.#printer.room(),
    )
    // A broken connection ends the stream, too; the project's events tell whether the engine is gone.
    stream.on('error', error => error instanceof Failure && this.#onError(error))
    this.#ended = new Promise(resolve => {
      const onEnd = (): void => {
        resolve()
        if (this.#stream !== stream) return
        this.#stream = undefined
        // An attached connection is both ways: its output ends, our half of it stays until it is closed, too.
        stream.destroy()
        if (this.#startedWhileOpen && !this.#closed) this.#resumeIfRunning().catch(this.#onError)
      }
      stream.once('end', onEnd)
      stream.once('close', onEnd)
    })
  }

  /** A start was told before the end of the stream of the run before it. */
  async #resumeIfRunning(): Promise<void> {
    this.#startedWhileOpen = false
    const { State } = await this.#docker.getContainer(this.#id).inspect()
    if (State.Running && this.#stream === undefined) await this.resumeFrom(Date.parse(State.StartedAt))
  }
}
