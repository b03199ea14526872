import { setMaxListeners } from 'node:events'
import type { Duplex } from 'node:stream'
import { type Failure, spans } from '../../diagnostics/index.ts'
import { ROUTES, type Route } from '../routes.ts'
import { CALL_LIMIT, lineReader } from '../shared-line.ts'
import type { ContainerWaiter } from '../types/index.ts'
import { asFailure, errorBody } from './answer/error.ts'
import { exitOf, successOf } from './answer/index.ts'
import { statusOf } from './answer/status.ts'
import { encodeJson } from './answer/write.ts'
import { takeBody } from './decode/body.ts'
import type { OnFailure } from './dispatch.ts'
import type { Handlers } from './handler.ts'
import { type Match, match } from './match.ts'
import { type Performed, perform, takeQuery } from './perform.ts'

/** So many calls under way are many, and their answers may wait so many milliseconds for each other. */
const MANY = 12
const MOMENT = 8

export interface SharedLineOptions {
  readonly onFailure: OnFailure
  /** Told of the work on each call. */
  readonly track: (work: Promise<void>) => void
}

/** Answers the calls that come over a connection (`src/api/shared-line.ts`), side by side, until it ends. */
export function serveLine(connection: Duplex, handlers: Handlers, options: SharedLineOptions): void {
  const line = new SharedLine(connection, handlers, options)
  const read = lineReader(value => line.take(value), CALL_LIMIT)
  connection.on('data', (bytes: Buffer) => {
    try {
      read(bytes)
    } catch {
      // Whoever writes what is no line of this protocol can be told nothing in it.
      connection.destroy()
    }
  })
  connection.once('close', () => line.end())
}

/** A call whose answer has not been sent. */
interface Call {
  readonly id: number
  readonly method: string
  readonly url: string
  readonly body: unknown
  isGone: boolean
  controller: AbortController | undefined
}

class SharedLine {
  readonly #connection: Duplex
  readonly #handlers: Handlers
  readonly #options: SharedLineOptions
  readonly #calls = new Map<number, Call>()
  #answers = ''
  #flushedAt = 0

  constructor(connection: Duplex, handlers: Handlers, options: SharedLineOptions) {
    this.#connection = connection
    this.#handlers = handlers
    this.#options = options
  }

  /** Raises RangeError for what is no line of a client. */
  take(value: unknown): void {
    const [id, method, url, body] = Array.isArray(value) ? value : []
    if (typeof id !== 'number') throw new RangeError('no call')
    if (method === undefined) {
      leave(this.#calls.get(id))
      return
    }
    if (typeof method !== 'string' || typeof url !== 'string' || this.#calls.has(id))
      throw new RangeError('no call')
    const call: Call = { id, method, url, body, isGone: false, controller: undefined }
    this.#calls.set(id, call)
    this.#options.track(this.#answer(call).finally(() => this.#calls.delete(id)))
  }

  /** The connection has ended: so has whoever called. */
  end(): void {
    for (const call of this.#calls.values()) leave(call)
  }

  /** Never rejects. */
  async #answer(call: Call): Promise<void> {
    const { method, url } = call
    let asked: Match | undefined
    try {
      const [path, query] = takeQuery(url)
      asked = match(method, path)
      if (!isShared(ROUTES[asked.name])) return this.#send(call, 0)
      const found = asked
      const { route, answer } = await spans.during(`${method} ${path}`, () =>
        perform(this.#handlers, found, query, this.#partsOf(call)),
      )
      this.#sendAnswer(call, route, await toldOf({ route, answer }, call))
    } catch (error) {
      if (!call.isGone) this.#sendFailure(call, asFailure(error), asked)
    }
  }

  #partsOf(call: Call): Parameters<typeof perform>[3] {
    return {
      headers: {},
      connection: this.#connection,
      tar: undefined,
      readJson: async shape => takeBody(call.body, shape),
      get signal(): AbortSignal {
        call.controller ??= newController()
        if (call.isGone) call.controller.abort()
        return call.controller.signal
      },
    }
  }

  #sendAnswer(call: Call, route: Route, value: unknown): void {
    if (value === undefined) this.#send(call, route.answer === 'json' ? 204 : successOf(route))
    else this.#send(call, successOf(route), encodeJson(value))
  }

  #sendFailure(call: Call, failure: Failure, asked: Match | undefined): void {
    if (failure.kind === 'internal') this.#options.onFailure(failure, `${call.method} ${call.url}`)
    const status = statusOf(failure, asked)
    if (status === 304) this.#send(call, status)
    else this.#send(call, status, encodeJson(errorBody(failure, asked)))
  }

  /**
   * What is answered within one turn of the event loop goes in one piece; and so does what is answered within a moment to who waits for so many answers that
   * he has enough to do.
   */
  #send({ id }: Call, status: number, json?: string): void {
    if (this.#answers === '') {
      const isSoon = this.#calls.size >= MANY && performance.now() - this.#flushedAt < MOMENT
      if (isSoon) setTimeout(this.#flush, MOMENT)
      else setImmediate(this.#flush)
    }
    this.#answers += json === undefined ? `[${id},${status}]\n` : `[${id},${status},${json}]\n`
  }

  readonly #flush = (): void => {
    const answers = this.#answers
    this.#answers = ''
    this.#flushedAt = performance.now()
    if (this.#connection.destroyed || this.#connection.write(answers)) return
    // Who reads no answers makes no more calls.
    this.#connection.pause()
    this.#connection.once('drain', () => this.#connection.resume())
  }
}

function newController(): AbortController {
  const controller = new AbortController()
  // Whatever works for the call side by side listens to it: that is no leak.
  setMaxListeners(0, controller.signal)
  return controller
}

function leave(call: Call | undefined): void {
  if (call === undefined) return
  call.isGone = true
  call.controller?.abort()
}

/** Whether one value of JSON is both all that is sent and all that is answered. */
function isShared({ body, answer }: Route): boolean {
  return body !== 'tar' && (answer === 'empty' || answer === 'json' || answer === 'wait')
}

/** What is told of an answer: of an exit that is waited for, the exit. */
async function toldOf({ route, answer }: Performed, call: Call): Promise<unknown> {
  return route.answer === 'wait' ? exitOf(answer as ContainerWaiter, () => call.isGone) : answer
}
