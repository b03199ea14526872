import { type Duplex, Readable } from 'node:stream'
import { type ResultOf, ROUTES, type Route, type RouteName } from '../../api/routes.ts'
import { failure } from '../../diagnostics/index.ts'
import { type DockerOptions, type Endpoint, resolveEndpoint } from '../connection/options.ts'
import type { Answer } from '../http/answer.ts'
import { ConnectionLost } from '../http/exchange.ts'
import { demuxStream } from './demux.ts'
import { engineFailure } from './engine-failure.ts'
import { HttpDuplex } from './http-duplex.ts'
import { followProgress } from './progress.ts'
import { renderPath, renderQuery } from './query.ts'
import { type Outcome, Transport } from './transport.ts'

/** Fields of a method's options that are neither query nor body. */
export interface CallControl {
  /** Ends the call; what it has brought so far stays with the caller. */
  readonly abortSignal?: AbortSignal | undefined
  /** The query or the body, where one bag for both (dockerode's way) would mix them up. */
  readonly _query?: object | undefined
  readonly _body?: object | undefined
}

/** One call, ready to be sent. */
export interface Call {
  readonly params?: Readonly<Record<string, string>>
  /** dockerode's one bag: the route's query fields are picked from it, the body is all the rest. */
  readonly options?: (object & CallControl) | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** A tar to send. */
  readonly file?: Readable | Uint8Array | undefined
  /** Ask for a connection that is both ways. */
  readonly hijack?: boolean | undefined
  /** Without `hijack`: leave the request's body open for stdin. */
  readonly openStdin?: boolean | undefined
}

/** Calls routes of the table; what dockerode's users take from `docker.modem` is here. */
export class Modem {
  readonly endpoint: Endpoint
  readonly version: string | undefined
  readonly #headers: Readonly<Record<string, string>>
  readonly #transport: Transport

  constructor(options: DockerOptions = {}) {
    this.endpoint = resolveEndpoint(options, process.env)
    this.version = options.version
    this.#headers = options.headers ?? {}
    this.#transport = new Transport(this.endpoint, options)
  }

  get socketPath(): string | undefined {
    return 'socketPath' in this.endpoint ? this.endpoint.socketPath : undefined
  }

  /** Calls a route that answers with one value; an answer without a body is `undefined`. Throws `EngineFailure`. */
  async json<N extends RouteName>(name: N, call: Call = {}): Promise<ResultOf<N>> {
    const body = await this.buffer(name, call)
    // `null` is what JSON has for nothing: an answer without a body and an answer `null` read alike.
    return JSON.parse(body.length === 0 ? 'null' : body.toString('utf8')) ?? undefined
  }

  /** Calls a route and gathers the answer's body, whatever it is. */
  async buffer(name: RouteName, call: Call = {}): Promise<Buffer> {
    return gather(await this.#answer(name, call, call.options?.abortSignal === undefined))
  }

  /** Calls a route and gives the answer's body as a stream, with its headers. */
  stream(name: RouteName, call: Call = {}): Promise<Answer> {
    return this.#answer(name, call, false)
  }

  async #answer(name: RouteName, call: Call, comesBack: boolean): Promise<Answer> {
    const sent = await this.#send(name, call, comesBack)
    if (sent.kind === 'answer') return succeed(name, sent.answer)
    sent.socket.destroy()
    throw failure({ code: 'ENGINE_PROTOCOL', summary: `Call ${name}: got an upgrade, want an answer` })
  }

  /** Calls a route whose connection becomes a process's streams: read its output, write its stdin, `end()` closes that. */
  async duplex(name: RouteName, call: Call = {}): Promise<Duplex> {
    const sent = await this.#send(name, call, false)
    if (sent.kind === 'upgrade') return sent.socket
    const answer = await succeed(name, sent.answer)
    return call.openStdin === true ? new HttpDuplex(answer, sent.requestBody) : new HttpDuplex(answer)
  }

  /** Gives `onProgress` each value of a JSON stream, then `onFinished` all of them; an `error` line is an error. */
  followProgress(
    stream: Readable,
    onFinished: (error: Error | null, output: object[]) => void,
    onProgress?: (event: object) => void,
  ): void {
    followProgress(stream, onFinished, onProgress)
  }

  /** Takes framed output apart into two streams; they are not ended. */
  demuxStream(stream: Readable, stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream): void {
    demuxStream(stream, stdout, stderr)
  }

  /** Closes the connections that are kept; calls may go on. */
  destroy(): void {
    this.#transport.destroy()
  }

  #send(name: RouteName, call: Call, comesBack: boolean): Promise<Outcome> {
    const route: Route = ROUTES[name]
    const options = call.options ?? {}
    const query = renderQuery(route.query ?? {}, { ...(options._query ?? options) })
    const prefix = this.version === undefined ? '' : `/${this.version}`
    const body = route.body === 'json' ? jsonBody(route, options) : call.file
    return this.#transport.send({
      method: route.method,
      path: `${prefix}${renderPath(route.path, call.params ?? {})}${query}`,
      headers: { ...this.#baseHeaders(route, body), ...(call.hijack ? UPGRADE : {}), ...call.headers },
      body,
      // What of a stream cannot be read ends its connection.
      comesBack: comesBack && !(body instanceof Readable),
      keepOpen: body === undefined && call.openStdin === true && call.hijack !== true,
      signal: options.abortSignal,
    })
  }

  #baseHeaders(route: Route, body: Readable | Uint8Array | undefined): Record<string, string | number> {
    return {
      'User-Agent': 'tscompose',
      Host: 'host' in this.endpoint ? `${this.endpoint.host}:${this.endpoint.port}` : 'docker',
      ...(route.body === 'json' ? { 'Content-Type': 'application/json' } : {}),
      ...(route.body === 'tar' ? { 'Content-Type': 'application/x-tar' } : {}),
      ...(body instanceof Uint8Array ? { 'Content-Length': body.length } : {}),
      ...this.#headers,
    }
  }
}

const UPGRADE = { Connection: 'Upgrade', Upgrade: 'tcp' }

/** Fields of the bag that never travel. */
const CONTROL: ReadonlySet<string> = new Set([
  'abortSignal',
  'authconfig',
  'hijack',
  'stdin',
  '_query',
  '_body',
])

function jsonBody(route: Route, options: object & CallControl): Buffer {
  const body =
    options._body ??
    Object.fromEntries(
      Object.entries(options).filter(([key]) => !CONTROL.has(key) && route.query?.[key] === undefined),
    )
  return Buffer.from(JSON.stringify(body))
}

async function succeed(name: RouteName, answer: Answer): Promise<Answer> {
  const status = answer.statusCode
  if (status >= 200 && status < 300) return answer
  throw engineFailure(name, status, (await gather(answer)).toString('utf8'))
}

/** By events: an async iteration over a stream costs a tenth of a millisecond, and this is on every call. */
function gather(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('end', () => resolve(Buffer.concat(chunks)))
    stream.once('error', error => reject(error instanceof ConnectionLost ? brokenOff() : error))
    stream.once('close', () => {
      if (!stream.readableEnded) reject(brokenOff())
    })
  })
}

function brokenOff(): Error {
  const summary = 'Read the answer of the engine: the connection broke off'
  return failure({
    code: 'ENGINE_UNREACHABLE',
    kind: 'unavailable',
    summary,
    hint: 'call again: the engine may be starting anew',
  })
}
