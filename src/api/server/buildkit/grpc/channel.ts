import { setMaxListeners } from 'node:events'
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2'
import type { Duplex } from 'node:stream'
import { codecOf, type Decoded, type Encodable, type MessageName } from '../proto/messages.ts'
import { StatusFailure } from './error.ts'
import { frame, messagesIn } from './frames.ts'

/** Bytes of a message that is taken. */
const MOST = 16 * 1024 * 1024
/** Bytes on their way to us, of one call and of all: contexts are large. */
const WINDOW = 4 * 1024 * 1024
const WINDOW_OF_ALL = 16 * 1024 * 1024
/** A `.dockerignore` travels as headers. */
const MOST_HEADERS = 16 * 1024 * 1024
const UNAVAILABLE = 14

/** Names and values of a call's metadata. */
export type CallMetadata = Readonly<Record<string, string | readonly string[]>>

/** A call with messages in both directions. */
export interface ClientCall<S extends MessageName, R extends MessageName> {
  /** Resolves when there is room for more. */
  send(message: Encodable<S>): Promise<void>
  /** We have no more to say. */
  finish(): void
  /** What the other side says; raises StatusFailure when it ends with another status than OK. To be iterated once. */
  readonly messages: AsyncIterable<Decoded<R>>
  /** Breaks the call off. */
  cancel(): void
}

/** The client's side of gRPC on a connection that is there already. No client of the library's takes one. */
export class Channel {
  readonly #session: ClientHttp2Session
  readonly #gone = new AbortController()

  constructor(connection: Duplex) {
    // Each build of the session listens.
    setMaxListeners(0, this.#gone.signal)
    this.#session = connect('http://localhost', {
      createConnection: () => connection,
      settings: { initialWindowSize: WINDOW, enablePush: false },
      maxSendHeaderBlockLength: MOST_HEADERS,
    })
    this.#session.on('connect', session => session.setLocalWindowSize(WINDOW_OF_ALL))
    // A connection that breaks is told by its calls, and by its end.
    this.#session.on('error', () => undefined)
    this.#session.on('close', () => this.#gone.abort())
    this.#session.on('goaway', () => this.#session.close())
  }

  /** Aborted when the connection has ended. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  close(): void {
    this.#session.destroy()
  }

  /** One request, one answer. Raises StatusFailure. */
  async ask<Q extends MessageName, A extends MessageName>(
    path: string,
    [request, answer]: readonly [Q, A],
    message: Encodable<Q>,
    metadata: CallMetadata = {},
  ): Promise<Decoded<A>> {
    const call = this.call(path, [request, answer], metadata)
    await call.send(message)
    call.finish()
    let found: Decoded<A> | undefined
    for await (const value of call.messages) found ??= value
    if (found === undefined) throw new StatusFailure({ code: UNAVAILABLE, message: `${path} gave no answer` })
    return found
  }

  /** Begins a call; `signal` breaks it off with its reason. */
  call<S extends MessageName, R extends MessageName>(
    path: string,
    [sent, received]: readonly [S, R],
    metadata: CallMetadata,
    signal?: AbortSignal,
  ): ClientCall<S, R> {
    const stream = this.#open(path, metadata)
    const ending = listenForEnd(stream)
    const cancel = (): void => stream.close(constants.NGHTTP2_CANCEL)
    if (signal?.aborted) cancel()
    signal?.addEventListener('abort', cancel, { once: true })
    stream.once('close', () => signal?.removeEventListener('abort', cancel))
    const { encode } = codecOf(sent)
    const { decode } = codecOf(received)
    return {
      send: message => sendOn(stream, frame(encode(message))),
      finish: () => {
        if (!stream.destroyed) stream.end()
      },
      messages: decoded(stream, ending, decode, signal),
      cancel,
    }
  }

  #open(path: string, metadata: CallMetadata): ClientHttp2Stream {
    if (this.#session.destroyed || this.#session.closed) throw gone()
    const own = Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, [value].flat()]))
    return this.#session.request({
      ...own,
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
  }
}

async function sendOn(stream: ClientHttp2Stream, bytes: Buffer): Promise<void> {
  if (stream.destroyed || stream.writableEnded) throw gone()
  if (stream.write(bytes)) return
  await new Promise<void>(resolve => {
    const go = (): void => {
      stream.off('drain', go).off('close', go)
      resolve()
    }
    stream.once('drain', go).once('close', go)
  })
}

/** How a call ends, as far as it has been told. */
interface Ending {
  headers: IncomingHttpHeaders
}

/** From the call's beginning on: a short answer is there, with its end, before anybody iterates. */
function listenForEnd(stream: ClientHttp2Stream): Ending {
  const ending: Ending = { headers: {} }
  const note = (headers: IncomingHttpHeaders): void => {
    if (headers['grpc-status'] !== undefined) ending.headers = headers
  }
  stream.on('response', note).on('trailers', note)
  // What breaks is told by the iteration.
  stream.on('error', () => undefined)
  return ending
}

async function* decoded<T>(
  stream: ClientHttp2Stream,
  ending: Ending,
  decode: (bytes: Uint8Array) => T,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  try {
    for await (const message of messagesIn(stream, MOST)) yield decode(message)
  } catch (error) {
    signal?.throwIfAborted()
    if (ending.headers['grpc-status'] === undefined) throw error instanceof StatusFailure ? error : gone()
  }
  signal?.throwIfAborted()
  checkStatus(ending.headers)
}

function checkStatus(told: IncomingHttpHeaders): void {
  const code = told['grpc-status']
  if (code === undefined) throw gone()
  if (code === '0') return
  throw new StatusFailure({ code: Number(code), message: decodeText(String(told['grpc-message'] ?? '')) })
}

/** Percent-encoded, by the rules of gRPC; what is not is left as it is. */
function decodeText(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

function gone(): StatusFailure {
  return new StatusFailure({ code: UNAVAILABLE, message: 'the session of the client has ended' })
}
