import { ROUTES } from '../../api/routes.ts'
import { lineReader, SHARED_LINE_PROTOCOL } from '../../api/shared-line.ts'
import { ConnectionLost, exchange, type Message, type Told } from './exchange.ts'
import type { Wire } from './wire.ts'

/** A call that waits for its answer. */
interface Waiting {
  readonly resolve: (told: Told | undefined) => void
  readonly reject: (error: unknown) => void
  readonly leave: () => void
}

/** A connection to our engine that carries many calls at once (`src/api/shared-line.ts`). It keeps the process alive while one waits. */
export class SharedLine {
  readonly #socket: Wire
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0
  #unsent = ''
  #isOver = false

  /** Makes one of a connection that nothing else uses; undefined where the engine there knows nothing of it, or is none. */
  static async open(socket: Wire): Promise<SharedLine | undefined> {
    try {
      const outcome = await exchange(socket, UPGRADE, { timeout: undefined, onFree: free => free.destroy() })
      if (outcome.kind === 'upgrade') return new SharedLine(socket)
      outcome.answer.resume()
    } catch {
      // The calls that wait for it go another way, and tell why that is none.
    }
    return undefined
  }

  private constructor(socket: Wire) {
    this.#socket = socket.unref()
    const read = lineReader(value => this.#take(value))
    socket.on('data', (bytes: Buffer) => {
      try {
        read(bytes)
      } catch {
        socket.destroy()
      }
    })
    socket
      .on('error', () => undefined)
      .on('end', this.#lost)
      .on('close', this.#lost)
  }

  get isOpen(): boolean {
    return !this.#isOver && !this.#socket.destroyed
  }

  /** Undefined where the engine wants a connection for this call alone. Rejects with ConnectionLost, or what the signal makes of it. */
  call({ method, path, shared, signal, abortError = same }: Message): Promise<Told | undefined> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortError(signal.reason))
      if (!this.isOpen) return reject(new ConnectionLost())
      this.#lastId += 1
      const id = this.#lastId
      const onAbort = (): void => {
        this.#settle(id)?.reject(abortError(signal?.reason))
        this.#send(`[${id}]\n`)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      if (this.#waiting.size === 0) this.#socket.ref()
      this.#waiting.set(id, { resolve, reject, leave: () => signal?.removeEventListener('abort', onAbort) })
      const body = shared?.json === undefined ? '' : `,${shared.json}`
      this.#send(`[${id},"${method}",${JSON.stringify(path)}${body}]\n`)
    })
  }

  /** Ends it once nothing waits for an answer any more. */
  destroy(): void {
    this.#isOver = true
    if (this.#waiting.size === 0) this.#socket.destroy()
  }

  #take(value: unknown): void {
    const [id, statusCode, body] = Array.isArray(value) ? value : []
    if (typeof id !== 'number' || typeof statusCode !== 'number') throw new RangeError('no answer')
    // One that nobody waits for any more has been called off.
    this.#settle(id)?.resolve(statusCode === 0 ? undefined : { kind: 'told', statusCode, body })
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return undefined
    waiting.leave()
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) {
      this.#socket.unref()
      if (this.#isOver) this.#socket.destroy()
    }
    return waiting
  }

  /** What is called within one turn goes in one piece. */
  #send(line: string): void {
    if (this.#unsent === '') process.nextTick(this.#flush)
    this.#unsent += line
  }

  readonly #flush = (): void => {
    const text = this.#unsent
    this.#unsent = ''
    if (!this.#socket.destroyed) this.#socket.write(text)
  }

  readonly #lost = (): void => {
    this.#isOver = true
    this.#socket.destroy()
    for (const id of [...this.#waiting.keys()]) this.#settle(id)?.reject(new ConnectionLost())
  }
}

const same = (reason: unknown): unknown => reason

const UPGRADE: Message = {
  method: ROUTES.sharedLine.method,
  path: ROUTES.sharedLine.path,
  headers: { Host: 'docker', Connection: 'Upgrade', Upgrade: SHARED_LINE_PROTOCOL },
  body: undefined,
  keepOpen: false,
  comesBack: true,
  signal: undefined,
}
