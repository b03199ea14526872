import { type IncomingHttpHeaders, type IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex, Readable, Writable } from 'node:stream'
import { failure } from '../../diagnostics/index.ts'
import { Departure } from './departure.ts'
import { watchHalfClosed } from './half-closed.ts'
import { headRead, type UntilRead } from './head-read.ts'
import { outlivingReaders, passOver, readShort, saysBody } from './rest-of-body.ts'
import { UpgradeBody } from './upgrade-body.ts'

/** A connection that has left HTTP, or a request whose body and answer stay open: bytes in, bytes out. */
export interface Hijacked {
  readonly input: Readable
  readonly output: Writable
}

/**
 * One request and its answer, over either kind of connection that Node makes of them: a plain request, or an upgrade,
 * where Node lets go of the connection before the body. The rest of the server need not know which it is.
 */
export interface Exchange {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** The same object for all requests of a connection. */
  readonly connection: object
  readonly body: Readable
  /** Aborted when the client has gone before the answer was complete. */
  readonly signal: AbortSignal
  /** Whether the client has gone, as the connection knows it before `signal` tells: a write that fails is heard of first. */
  readonly gone: boolean
  /** Whether something of the answer has been sent: then a failure can't be a status any more. */
  readonly begun: boolean
  /** The answer, as HTTP. */
  response(): ServerResponse
  /**
   * Takes the connection for the streams of a process, with the content type that clients look at. Resolves when the
   * head has been handed to the kernel, so that nothing that follows is in one piece with it. `headLength`: bytes that the head of
   * an upgrade is made to have.
   */
  hijack(contentType: string, headLength?: number): Promise<Hijacked>
  /** Resolves when the client has read the head of a connection that was taken. */
  headRead(): Promise<void>
  /** Takes the connection as a WebSocket (RFC 6455), whose messages are the bytes. Throws `WEBSOCKET_WANTED`. */
  webSocket(): Promise<Hijacked>
  /** Takes the connection for another protocol, whose first bytes may be on it already. Raises UPGRADE_MISSING. */
  upgrade(protocol: string): Duplex
  /** Reads what is sent of a short body within so many milliseconds, before a refusal. */
  readShortBody(within: number): Promise<void>
  /** Breaks the connection off, so that no client takes what it has for the whole. */
  abandon(): void
}

/** A plain request. */
export class PlainExchange implements Exchange {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly connection: object
  readonly body: IncomingMessage
  readonly #response: ServerResponse
  readonly #departure: Departure
  readonly #socket: Duplex
  readonly #untilRead: UntilRead | undefined

  constructor(request: IncomingMessage, response: ServerResponse, untilRead?: UntilRead) {
    this.method = request.method ?? ''
    this.url = request.url ?? ''
    this.headers = request.headers
    this.connection = request.socket
    this.body = request
    this.#response = response
    this.#departure = new Departure(request.socket, response, () => response.writableFinished)
    this.#socket = request.socket
    this.#untilRead = untilRead
    // Most requests have none, and need not pay for it.
    if (!saysBody(request.headers)) return
    outlivingReaders(request)
    response.once('finish', this.#passBody)
  }

  get signal(): AbortSignal {
    return this.#departure.signal
  }

  get gone(): boolean {
    return this.#departure.gone
  }

  get begun(): boolean {
    return this.#response.headersSent
  }

  response(): ServerResponse {
    return this.#response
  }

  readonly #passBody = (): void => {
    if (!this.body.complete || this.body.readableLength > 0) passOver(this.body, () => this.abandon())
  }

  async hijack(contentType: string): Promise<Hijacked> {
    this.#response.off('finish', this.#passBody)
    this.#response.writeHead(200, { 'Content-Type': contentType })
    this.#response.flushHeaders()
    await handedOver()
    return { input: this.body, output: this.#response }
  }

  headRead(): Promise<void> {
    return headRead(this.#socket, this.#untilRead)
  }

  async webSocket(): Promise<Hijacked> {
    const summary = 'Attach by a WebSocket: the request asks for no upgrade'
    throw failure({ code: 'WEBSOCKET_WANTED', kind: 'invalidArgument', summary })
  }

  upgrade(): never {
    throw failure({
      code: 'UPGRADE_MISSING',
      kind: 'invalidArgument',
      summary: 'no upgrade proto in request',
    })
  }

  async readShortBody(within: number): Promise<void> {
    if (saysBody(this.headers)) await readShort(this.body, within)
  }

  abandon(): void {
    this.#socket.destroy()
  }
}

/**
 * From this version on Node reads the body of an upgrade request itself, and holds back what comes on the connection until then
 * (nodejs/node#60016). Before, the body is what comes first on the connection.
 */
const NODE_READS_BODIES = Number.parseInt(process.versions.node, 10) >= 25

/** An upgrade request, or one that is taken for one (hijacked.ts). An upgrade that is not granted is answered as any request. */
export class UpgradeExchange implements Exchange {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly connection: object
  readonly body: Readable
  readonly #departure: Departure
  readonly #request: IncomingMessage
  readonly #socket: Duplex
  readonly #baseHeaders: Readonly<Record<string, string>>
  readonly #untilRead: UntilRead | undefined
  #response: ServerResponse | undefined
  #hijacked = false

  /** `head` is what came with the headers: the beginning of the body, or of stdin. */
  constructor(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    baseHeaders: Readonly<Record<string, string>>,
    untilRead?: UntilRead,
  ) {
    this.method = request.method ?? ''
    this.url = request.url ?? ''
    this.headers = request.headers
    this.connection = socket
    if (head.length > 0) socket.unshift(head)
    // Node says it of plain requests alone.
    if (/^100-continue$/i.test(request.headers.expect ?? '')) socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    this.body = NODE_READS_BODIES ? request : new UpgradeBody(socket, request.headers)
    this.#departure = new Departure(socket, socket, () => this.begun)
    this.#request = request
    this.#socket = socket
    this.#baseHeaders = baseHeaders
    this.#untilRead = untilRead
  }

  get signal(): AbortSignal {
    return this.#departure.signal
  }

  get gone(): boolean {
    return this.#departure.gone
  }

  get begun(): boolean {
    return this.#hijacked || this.#response?.headersSent === true
  }

  response(): ServerResponse {
    this.#response ??= this.#plainResponse()
    return this.#response
  }

  async hijack(contentType: string, headLength = 0): Promise<Hijacked> {
    this.#hijacked = true
    if (NODE_READS_BODIES) this.#request.resume()
    const [status, granted] =
      this.headers.upgrade === undefined
        ? ['200 OK', '']
        : ['101 UPGRADED', 'Connection: Upgrade\r\nUpgrade: tcp\r\n']
    const head = `HTTP/1.1 ${status}\r\nContent-Type: ${contentType}\r\n${granted}`
    this.#socket.write(`${head}${paddingOf(headLength - head.length)}\r\n`)
    watchHalfClosed(this.#socket)
    await handedOver()
    return { input: this.#socket, output: this.#socket }
  }

  headRead(): Promise<void> {
    return headRead(this.#socket, this.#untilRead)
  }

  async webSocket(): Promise<Hijacked> {
    if (NODE_READS_BODIES) this.#request.resume()
    // Few ask for one, and every start of the engine would pay for it.
    const { openWebSocket } = await import('./web-socket.ts')
    const stream = await openWebSocket(this.#request, this.#socket)
    this.#hijacked = true
    return { input: stream, output: stream }
  }

  upgrade(protocol: string): Duplex {
    const asked = this.headers.upgrade ?? ''
    if (asked.toLowerCase() !== protocol)
      throw failure({
        code: 'UPGRADE_PROTOCOL',
        kind: 'invalidArgument',
        summary: `protocol ${asked} not supported`,
      })
    this.#hijacked = true
    if (NODE_READS_BODIES) this.#request.resume()
    this.#socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`,
    )
    // Connections of HTTP stay half open when their client has gone.
    this.#socket.once('end', () => this.#socket.destroy())
    return this.#socket
  }

  async readShortBody(within: number): Promise<void> {
    if (saysBody(this.headers)) await readShort(this.body, within)
  }

  abandon(): void {
    this.#socket.destroy()
  }

  #plainResponse(): ServerResponse {
    const response = new ServerResponse(this.#request)
    for (const [name, value] of Object.entries(this.#baseHeaders)) response.setHeader(name, value)
    response.shouldKeepAlive = false
    // Node types this for net.Socket alone, and a server on a socket path has no other.
    response.assignSocket(this.#socket as Parameters<ServerResponse['assignSocket']>[0])
    response.once('finish', () => {
      this.#socket.end()
      // The client's half ends where it is read to its end, behind what is left of the body: nobody else looks at it any more.
      if (this.body.closed) this.#socket.resume()
      else {
        this.body.once('close', () => this.#socket.resume())
        passOver(this.body, () => this.abandon())
      }
    })
    return response
  }
}

/** A header that makes a head longer, with the empty line behind it, by so many bytes. */
function paddingOf(length: number): string {
  const [name, end] = ['X-Padding: ', '\r\n']
  const missing = length - name.length - 2 * end.length
  return missing <= 0 ? '' : `${name}${'-'.repeat(missing)}${end}`
}

/** A head is small: the socket has taken it at the end of this turn of the event loop, or has gone. */
function handedOver(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
