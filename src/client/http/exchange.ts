import type { Duplex, Readable, Writable } from 'node:stream'
import { failure } from '../../diagnostics/index.ts'
import { Answer } from './answer.ts'
import { type BodyReader, bodyReader } from './body.ts'
import { type Head, readHead, renderHead } from './head.ts'
import { RequestBody } from './request-body.ts'
import type { Wire } from './wire.ts'

/** One HTTP request. */
export interface Message {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | number>>
  /** Bytes, whose length the headers tell, or a stream, which is sent in chunks, and destroyed where the call is over before its end. */
  readonly body: Readable | Uint8Array | undefined
  /** Leave the request open: its body is the caller's to write. */
  readonly keepOpen: boolean
  /** The answer is read to its end, whatever happens: its connection is free then. */
  readonly comesBack: boolean
  /** No call is expected behind it: it may take the connection that is held, and none is prepared for the next one. */
  readonly isLast?: boolean | undefined
  /** Where the call may share a connection with others: its body as JSON text, if it has one. Absent: it may not. */
  readonly shared?: { readonly json: string | undefined } | undefined
  readonly signal: AbortSignal | undefined
  /** What the call fails with when the signal comes; absent: the signal's reason. */
  readonly abortError?: ((reason: unknown) => unknown) | undefined
}

/** The whole answer to a call that shared its connection; no body is undefined. */
export interface Told {
  readonly kind: 'told'
  readonly statusCode: number
  readonly body: unknown
}

/** An answer, with the request's body where that was left open; or a connection that is no longer HTTP. */
export type Outcome =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly requestBody: Writable | undefined }
  | { readonly kind: 'upgrade'; readonly socket: Duplex }

export interface ExchangeOptions {
  /** Milliseconds without a byte until the call fails. */
  readonly timeout: number | undefined
  /** The connection may carry another call. */
  readonly onFree: (socket: Wire) => void
}

/**
 * Sends a request over a connection that nothing else uses, and resolves when the head of its answer has come. Rejects with
 * the connection's error, ConnectionLost, ENGINE_TIMEOUT, ENGINE_PROTOCOL, or the signal's reason; a failure after that is the answer's.
 */
export function exchange(socket: Wire, message: Message, options: ExchangeOptions): Promise<Outcome> {
  return new Exchange(socket, message, options).outcome
}

class Exchange {
  readonly outcome: Promise<Outcome>
  readonly #socket: Wire
  readonly #message: Message
  readonly #options: ExchangeOptions
  #settle: { resolve: (outcome: Outcome) => void; reject: (error: unknown) => void } | undefined
  /** What has come of the head. */
  #begun: Buffer = Buffer.alloc(0)
  #head: Head | undefined
  #reader: BodyReader | undefined
  #answer: Answer | undefined
  #requestBody: RequestBody | undefined

  constructor(socket: Wire, message: Message, options: ExchangeOptions) {
    this.#socket = socket
    this.#message = message
    this.#options = options
    this.outcome = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject }
    })
    try {
      if (message.signal?.aborted) throw this.#abortError()
      // A kept connection may have ended before there was anybody to hear of it: no event would follow.
      if (socket.destroyed || socket.readableEnded) throw new ConnectionLost()
      this.#listen()
      this.#send()
    } catch (error) {
      this.#fail(error)
    }
  }

  readonly #listeners = {
    data: (bytes: Buffer): void => this.#guarded(() => this.#take(bytes)),
    end: (): void => this.#ended(),
    close: (): void => this.#ended(),
    error: (error: Error): void => this.#fail(error),
    timeout: (): void => this.#fail(timedOut(this.#message, this.#options.timeout)),
  }

  readonly #onAbort = (): void => this.#fail(this.#abortError())

  #abortError(): unknown {
    const { signal, abortError = same } = this.#message
    return abortError(signal?.reason)
  }

  #listen(): void {
    for (const [event, listener] of Object.entries(this.#listeners)) this.#socket.on(event, listener)
    this.#message.signal?.addEventListener('abort', this.#onAbort, { once: true })
    if (this.#options.timeout !== undefined) this.#socket.setTimeout(this.#options.timeout)
  }

  #leave(): void {
    for (const [event, listener] of Object.entries(this.#listeners)) this.#socket.off(event, listener)
    this.#message.signal?.removeEventListener('abort', this.#onAbort)
    if (this.#options.timeout !== undefined) this.#socket.setTimeout(0)
    // Nobody else ends a stream that is not read to its end, and what it reads from would stay open.
    if (this.#requestBody?.writableFinished !== true) streamOf(this.#message)?.destroy()
  }

  #send(): void {
    const { method, path, headers, body, keepOpen } = this.#message
    const stream = streamOf(this.#message)
    const framing = stream || keepOpen ? CHUNKED : body === undefined && TAKES_BODY.has(method) ? EMPTY : {}
    this.#socket.cork()
    this.#socket.write(renderHead(method, path, { ...headers, ...framing }))
    if (body instanceof Uint8Array) this.#socket.write(body)
    this.#socket.uncork()
    if (!stream && !keepOpen) return
    this.#requestBody = new RequestBody(this.#socket)
    this.#requestBody.on('error', error => this.#fail(error))
    stream?.on('error', error => this.#fail(error)).pipe(this.#requestBody)
  }

  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(error)
    }
  }

  #take(bytes: Buffer): void {
    if (this.#reader === undefined) this.#takeHead(bytes)
    else this.#takeBody(this.#reader, bytes)
  }

  #takeHead(bytes: Buffer): void {
    this.#begun = this.#begun.length === 0 ? bytes : Buffer.concat([this.#begun, bytes])
    const read = readHead(this.#begun)
    if (read === undefined) return
    const { head, length } = read
    const rest = this.#begun.subarray(length)
    this.#begun = Buffer.alloc(0)
    if (head.status === 101) this.#upgrade(rest)
    else if (head.status >= 200) this.#begin(head, rest)
    // 1xx: the answer is still to come (RFC 9110 §15.2).
    else if (rest.length > 0) this.#takeHead(rest)
  }

  #begin(head: Head, rest: Buffer): void {
    const reader = bodyReader(this.#message.method, head)
    const answer = new Answer(head, {
      pause: () => void this.#socket.pause(),
      resume: () => void this.#socket.resume(),
      abandon: () => this.#drop(),
    })
    this.#head = head
    this.#reader = reader
    this.#answer = answer
    const requestBody = this.#message.keepOpen ? this.#requestBody : undefined
    this.#settle?.resolve({ kind: 'answer', answer, requestBody })
    this.#settle = undefined
    this.#takeBody(reader, rest)
  }

  #takeBody(reader: BodyReader, bytes: Buffer): void {
    for (const part of reader.push(bytes)) this.#answer?.deliver(part)
    if (reader.isDone) this.#finish()
  }

  /** The answer is whole: the connection is free, unless its request has not been sent to the end. */
  #finish(): void {
    this.#leave()
    this.#answer?.deliver(null)
    const isSent = this.#requestBody === undefined || this.#requestBody.writableFinished
    const isOpen = this.#reader?.isDone === true && this.#head?.keepsAlive === true && !this.#socket.destroyed
    if (isSent && isOpen) {
      this.#socket.resume()
      this.#options.onFree(this.#socket)
    } else this.#socket.destroy()
  }

  #upgrade(rest: Buffer): void {
    this.#leave()
    // As if it were new: whoever listens for data makes it flow.
    ;(this.#socket as { readableFlowing: boolean | null }).readableFlowing = null
    if (rest.length > 0) this.#socket.unshift(rest)
    this.#settle?.resolve({ kind: 'upgrade', socket: this.#socket })
    this.#settle = undefined
  }

  #ended(): void {
    if (this.#reader?.mayEnd === true) this.#finish()
    else this.#fail(new ConnectionLost())
  }

  #fail(error: unknown): void {
    this.#drop()
    const settle = this.#settle
    const answer = this.#answer
    this.#settle = undefined
    // What fails in the packet that the answer began with fails once whoever waited for the answer has it.
    if (settle) settle.reject(error)
    else setImmediate(() => answer?.destroy(error instanceof Error ? error : new Error(String(error))))
  }

  #drop(): void {
    this.#leave()
    // A request that is still being written hears of the end by what it writes to.
    this.#socket.on('error', () => undefined)
    this.#socket.destroy()
  }
}

function streamOf({ body }: Message): Readable | undefined {
  return body instanceof Uint8Array ? undefined : body
}

const same = (reason: unknown): unknown => reason
const CHUNKED = { 'Transfer-Encoding': 'chunked' } as const
const EMPTY = { 'Content-Length': 0 } as const
/** A request of these without a body says so (RFC 9110 §8.6). */
const TAKES_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/** ENGINE_TIMEOUT: milliseconds have passed without a byte. */
export function timedOut({ method, path }: Message, timeout: number | undefined): Error {
  const summary = `Call ${method} ${path}: no byte for ${timeout} ms`
  return failure({ code: 'ENGINE_TIMEOUT', kind: 'unavailable', summary })
}

/** The connection ended before the answer did. */
export class ConnectionLost extends Error {
  constructor() {
    super('the connection broke off')
  }
}
