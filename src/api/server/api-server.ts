import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Backend } from '../backend/backend.ts'
import { API_VERSION } from '../routes.ts'
import { asFailure } from './answer/error.ts'
import { answerClientError, refuse } from './client-errors.ts'
import { dispatch, type OnFailure } from './dispatch.ts'
import { type Exchange, PlainExchange, UpgradeExchange } from './exchange.ts'
import type { Handlers } from './handler.ts'
import { createHandlers } from './handlers/index.ts'
import type { UntilRead } from './head-read.ts'
import { releaseHijacked } from './hijacked.ts'
import { type Address, type HiddenSocket, hide, listen } from './listen.ts'
import { serveLine } from './shared-line.ts'

/** How a server is made. */
export interface ApiServerOptions {
  /** Called each time that the last client has gone and no request is being worked on. */
  readonly onIdle?: () => void
  /** Told of failures that are the engine's own. */
  readonly onFailure?: OnFailure
  /** Of the product, for the `Server` header. */
  readonly version?: string
  /** For tests. */
  readonly limits?: RequestLimits
}

/** Milliseconds that a client has for parts of a request. */
export interface RequestLimits {
  /** For its head, from the connection or the answer before. */
  readonly head: number
  /** For a JSON body. */
  readonly body: number
}

const LIMITS: RequestLimits = { head: 20_000, body: 60_000 }

/** The Engine API on a socket. Not listening yet: the whole of it can be tested on any connection. */
export interface ApiServer {
  /** Open connections. */
  readonly clients: number
  /** Requests that are being worked on, those whose client has gone included. */
  readonly requests: number
  /** No client and no request. */
  readonly idle: boolean
  /** Binds a socket of mode 0600, or takes a listening one. Resolves when connections are accepted. */
  listen(address: Address): Promise<void>
  /**
   * Ends unless there is somebody to serve, also who has connected and was not seen yet, or `mayEnd` says no in the end:
   * whether it has ended. Who comes meanwhile finds no socket; who has had an answer finds it. For a server that listens at a path.
   */
  retire(mayEnd?: () => boolean): Promise<boolean>
  /** Accepts no more, gives running requests `within` milliseconds (1000) to end, then closes what is left. */
  close(within?: number): Promise<void>
}

/** Large enough for credentials of many registries and for build secrets. */
const HEADER_LIMIT = 1024 * 1024

/** The server of the Engine API for a backend. */
export function createApiServer(backend: Backend, options: ApiServerOptions = {}): ApiServer {
  return new HttpApiServer(backend, options)
}

class HttpApiServer implements ApiServer {
  readonly #http: Server
  readonly #options: ApiServerOptions
  readonly #sockets = new Set<Socket>()
  readonly #settled = new Set<() => void>()
  #requests = 0
  #path: string | undefined
  #hidden: HiddenSocket | undefined

  constructor(backend: Backend, options: ApiServerOptions) {
    const onFailure = options.onFailure ?? (() => undefined)
    const handlers: Handlers = createHandlers(
      backend,
      error => onFailure(asFailure(error), 'gRPC'),
      async connection => serveLine(connection, handlers, { onFailure, track: work => this.#track(work) }),
    )
    const { head, body } = options.limits ?? LIMITS
    const untilRead: UntilRead = connection => backend.system.untilRead(connection)
    const headers = baseHeaders(options.version ?? '0')
    const run = (exchange: Exchange): void =>
      this.#track(dispatch(exchange, handlers, { onFailure, bodyTime: body }))
    this.#options = options
    this.#http = createServer({
      keepAliveTimeout: 0,
      // A build's context may take hours.
      requestTimeout: 0,
      headersTimeout: head,
      connectionsCheckingInterval: head / 4,
      maxHeaderSize: HEADER_LIMIT,
    })
    this.#http.on('clientError', (error, socket) => answerClientError(error, socket as Socket))
    this.#http.on('connection', socket => this.#welcome(socket))
    // No proxy: the path of a CONNECT is none of ours.
    this.#http.on('connect', (_, socket) => refuse(socket as Socket, 404, 'page not found'))
    this.#http.on('request', (request, response) => {
      // Node reads heads of HTTP/0.9 and 2.0 in the form of 1.1, too.
      if (request.httpVersionMajor !== 1) return refuse(request.socket, 505, 'unsupported protocol version')
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      run(new PlainExchange(request, response, untilRead))
    })
    this.#http.on('upgrade', (request, socket, head) => {
      run(new UpgradeExchange(request, socket, head, headers, untilRead))
    })
  }

  get clients(): number {
    return this.#sockets.size
  }

  get requests(): number {
    return this.#requests
  }

  get idle(): boolean {
    return this.#sockets.size === 0 && this.#requests === 0
  }

  async listen(address: Address): Promise<void> {
    await listen(this.#http, address)
    if ('path' in address) this.#path = address.path
  }

  async retire(mayEnd: () => boolean = () => true): Promise<boolean> {
    if (this.#path === undefined || this.#hidden !== undefined || !this.idle) return false
    const hidden = hide(this.#path)
    this.#hidden = hidden
    await hidden.emptied
    if (!this.idle || !mayEnd()) {
      hidden.show()
      this.#hidden = undefined
      return false
    }
    await this.close()
    hidden.remove()
    return true
  }

  async close(within: number = 1000): Promise<void> {
    this.#http.close()
    this.#http.closeIdleConnections()
    if (this.#requests > 0) {
      // Who follows a log or events does so for ever: those are not waited for to the end.
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, within)
        this.#settled.add(() => {
          clearTimeout(timer)
          resolve()
        })
      })
    }
    for (const socket of this.#sockets) socket.destroy()
  }

  #welcome(socket: Socket): void {
    // Before it is answered: its next connection must find the socket.
    this.#hidden?.show()
    this.#sockets.add(socket)
    releaseHijacked(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#checkIdle()
    })
    // A reset is one way to go: 'close' follows.
    socket.on('error', () => undefined)
  }

  #track(work: Promise<void>): void {
    this.#requests += 1
    void work.then(() => {
      this.#requests -= 1
      if (this.#requests === 0) for (const settle of this.#settled) settle()
      this.#checkIdle()
    })
  }

  #checkIdle(): void {
    if (this.idle) this.#options.onIdle?.()
  }
}

/** What clients negotiate by. */
function baseHeaders(version: string): Record<string, string> {
  return {
    'Api-Version': API_VERSION,
    'Builder-Version': '2',
    'Docker-Experimental': 'false',
    Ostype: 'linux',
    Server: `tscompose/${version} (linux)`,
    Swarm: 'inactive',
    'Cache-Control': 'no-cache, no-store, must-revalidate',
  }
}
