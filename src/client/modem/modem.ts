import { Readable, type Writable } from 'node:stream'
import { failure } from '../../diagnostics/index.ts'
import type { ModemOptions } from '../connection/options.ts'
import { resolveSettings, type Settings } from '../connection/settings.ts'
import type { Answer } from '../http/answer.ts'
import { ConnectionLost } from '../http/exchange.ts'
import { demuxStream } from './demux.ts'
import type { DialCallback, DialOptions } from './dial.ts'
import { type ErrorStyle, engineFailure, type StatusCodes } from './engine-failure.ts'
import { HttpDuplex } from './http-duplex.ts'
import { abortError, asNodeError } from './node-errors.ts'
import { followProgress } from './progress.ts'
import { renderQuery } from './query.ts'
import { dataOf, type ModemRequest, type RequestData, requestOf } from './request.ts'
import { type Destination, type Outcome, type Told, Transport } from './transport.ts'

/** Characters of a body beyond which a call has a connection of its own: the others would wait for it. */
const SHARED_LIMIT = 256 * 1024

/**
 * Makes calls, with docker-modem's methods and fields. All that a client does goes through `dial`, so that a modem may stand in for
 * another, or be listened to. Fields that are changed are those of the next call.
 */
export class Modem implements Destination {
  // Its users may put in another library's.
  Promise: PromiseConstructor = globalThis.Promise
  version: string | undefined
  headers: Readonly<Record<string, string>>
  declare socketPath: Settings['socketPath']
  declare host: Settings['host']
  declare port: Settings['port']
  declare protocol: Settings['protocol']
  declare pathPrefix: Settings['pathPrefix']
  declare username: Settings['username']
  declare password: Settings['password']
  declare ca: Settings['ca']
  declare cert: Settings['cert']
  declare key: Settings['key']
  declare checkServerIdentity: Settings['checkServerIdentity']
  declare agent: Settings['agent']
  declare timeout: Settings['timeout']
  declare connectionTimeout: Settings['connectionTimeout']
  declare sshOptions: Settings['sshOptions']
  declare remoteSocket: Settings['remoteSocket']
  readonly #errors: ErrorStyle
  readonly #transport: Transport
  #foundSocket: Promise<string> | undefined

  /** Throws DOCKER_HOST_INVALID, CERTIFICATES_UNREADABLE. */
  constructor(options: ModemOptions = {}) {
    this.version = options.version
    this.headers = options.headers ?? {}
    this.#errors = options.errors ?? 'dockerode'
    Object.assign(this, resolveSettings(options, process.env))
    this.#transport = new Transport(this, options.held)
  }

  /** Makes a call and tells how it went: `EngineFailure` where the engine says no. */
  dial(options: DialOptions, callback: DialCallback = () => undefined): void {
    const request = requestOf(options, { ...this.#defaults() })
    dataOf(options).then(
      ({ data, headers }) =>
        this.buildRequest(
          { ...request, headers: { ...request.headers, ...headers } },
          options,
          data,
          callback,
        ),
      error => callback(error),
    )
  }

  /** The socket of the engine, where it has one; found out once. */
  getSocketPath(): Promise<string> | undefined {
    const { socketPath } = this
    if (socketPath === undefined || this.host !== undefined) return undefined
    if (typeof socketPath === 'string') return Promise.resolve(socketPath)
    this.#foundSocket ??= Promise.resolve(socketPath())
    return this.#foundSocket
  }

  /** The second half of `dial`: sends what was made of its options. */
  buildRequest(
    request: ModemRequest,
    context: DialOptions,
    data: RequestData,
    callback: DialCallback = () => undefined,
  ): void {
    this.#call(request, context, data).then(
      // On a tick of its own: what a callback throws must not become a rejection.
      ({ answer, status, requestBody, body }) =>
        process.nextTick(() => {
          const { isStream = false, openStdin = false, statusCodes = {} } = context
          if (status !== undefined) return this.#judge(status, statusCodes, body, callback)
          if (answer === undefined) return callback(null, body)
          this.buildPayload(null, isStream, statusCodes, openStdin, requestBody, answer, body, callback)
        }),
      error => process.nextTick(callback, this.#errors === 'dockerode' ? asNodeError(error) : error),
    )
  }

  /** Judges an answer by its status: hands it on, or the failure that it is. */
  buildPayload(
    error: Error | null,
    isStream: boolean,
    statusCodes: StatusCodes,
    openStdin: boolean,
    requestBody: Writable | undefined,
    answer: Answer,
    json: unknown,
    callback: DialCallback,
  ): void {
    const { statusCode } = answer
    const refuse = (body: unknown): void =>
      callback(engineFailure({ statusCode, statusCodes, body, isStream }, this.#errors))
    if (error !== null) callback(error)
    else if (statusCodes[statusCode] === true && openStdin)
      callback(null, new HttpDuplex(answer, requestBody))
    else if (statusCodes[statusCode] === true) callback(null, isStream ? answer : json)
    else if (isStream) gather(answer).then(bytes => refuse(jsonOf(bytes)), callback)
    else refuse(json)
  }

  /** Gives `onProgress` each value of a JSON stream, then `onFinished` all of them. */
  followProgress(
    stream: NodeJS.ReadableStream,
    onFinished: (error: Error | null, output: object[]) => void,
    onProgress?: (event: object) => void,
  ): void {
    followProgress(stream, onFinished, onProgress)
  }

  /** Takes framed output apart into two streams; they are not ended. */
  demuxStream(
    stream: NodeJS.ReadableStream,
    stdout: NodeJS.WritableStream,
    stderr: NodeJS.WritableStream,
  ): void {
    demuxStream(stream, stdout, stderr)
  }

  /** The query text of a bag of fields. */
  buildQuerystring(fields: object): string {
    return renderQuery(fields)
  }

  /** Ours: closes the connections that are kept; calls may go on. */
  destroy(): void {
    this.#transport.destroy()
  }

  /** Of calls that are one value each way, with nothing in their headers. */
  #mayShare(context: DialOptions, data: RequestData): data is string | undefined {
    const { isStream, isRaw, hijack, openStdin, headers, authconfig, registryconfig } = context
    if (isStream === true || isRaw === true || hijack === true || openStdin === true) return false
    if ((headers ?? authconfig ?? registryconfig) !== undefined) return false
    if (Object.keys(this.headers).length > 0) return false
    return data === undefined || (typeof data === 'string' && data.length < SHARED_LIMIT)
  }

  #defaults(): Parameters<typeof requestOf>[1] {
    const { version, pathPrefix, headers, host, port } = this
    return { version, pathPrefix, headers, authority: host === undefined ? 'docker' : `${host}:${port}` }
  }

  #judge(statusCode: number, statusCodes: StatusCodes, body: unknown, callback: DialCallback): void {
    if (statusCodes[statusCode] === true) callback(null, body)
    else callback(engineFailure({ statusCode, statusCodes, body, isStream: false }, this.#errors))
  }

  async #call(request: ModemRequest, context: DialOptions, data: RequestData): Promise<Called> {
    const sent = await this.#send(request, context, data)
    // Where there is no body, as where there is none by HTTP.
    if (sent.kind === 'told') {
      const { statusCode, body = Buffer.alloc(0) } = sent
      return { status: statusCode, body }
    }
    if (sent.kind === 'upgrade') {
      if (context.hijack === true) return { body: sent.socket }
      sent.socket.destroy()
      const summary = `Call ${request.path}: got an upgrade, want an answer`
      throw failure({ code: 'ENGINE_PROTOCOL', summary })
    }
    const { answer, requestBody } = sent
    if (context.isStream === true) return { answer, requestBody, body: undefined }
    const bytes = await gather(answer)
    const isGood = context.statusCodes?.[answer.statusCode] === true
    return { answer, requestBody: undefined, body: context.isRaw === true && isGood ? bytes : jsonOf(bytes) }
  }

  #send(request: ModemRequest, context: DialOptions, data: RequestData): Promise<Outcome | Told> {
    const body = typeof data === 'string' ? Buffer.from(data) : data
    const length = body instanceof Uint8Array ? { 'Content-Length': body.length } : {}
    const { signal } = request
    return this.#transport.send({
      method: request.method,
      path: request.path,
      headers: { ...request.headers, ...length },
      body,
      // What of a stream cannot be read ends its connection.
      comesBack: context.isStream !== true && signal === undefined && !(body instanceof Readable),
      shared: this.#mayShare(context, data) ? { json: data } : undefined,
      isLast: context.isLast,
      keepOpen: body === undefined && context.openStdin === true && context.hijack !== true,
      signal,
      abortError: this.#errors === 'dockerode' ? abortError : undefined,
    })
  }
}

/** How far a call has come: without an answer or its status there is a connection in its place. */
interface Called {
  readonly answer?: Answer
  /** Of an answer that is whole. */
  readonly status?: number
  readonly requestBody?: Writable | undefined
  readonly body: unknown
}

/** JSON's value, or the bytes of what is none. */
function jsonOf(bytes: Buffer): unknown {
  try {
    return bytes.length === 0 ? bytes : JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return bytes
    throw error
  }
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
