import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TLSSocket } from 'node:tls'
import { at, type Json, type JsonMap, put } from './json.ts'
import { discoveryOf, SERVED } from './kinds.ts'
import { list, watchAll } from './listing.ts'
import { Logs } from './logs.ts'
import { Refused, type Request, readRequest, statusOf } from './request.ts'
import { type ServedKind, Store } from './store.ts'
import { remove, write } from './writing.ts'

/** Who may come in: a client with a certificate of the tests' authority, or with one of these tokens. */
export interface ServerOptions {
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string }
  readonly tokens?: Set<string>
  /** All kinds in two answers, as from 1.26 on; default: yes. */
  readonly isAggregated?: boolean
  readonly kinds?: readonly ServedKind[]
}

/** In place of an answer: another one, or none at all. */
export type Injected =
  | {
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      readonly message?: string
    }
  | 'cut'

/**
 * An API server of the tests: discovery, lists by pages, watches, server-side apply with managed fields, logs, over HTTPS. Its objects
 * are in memory, and controllers are what a test makes of `store.listen`. What it leaves out is said in docs/kubernetes.md.
 */
export class ApiServer {
  readonly store: Store = new Store()
  readonly logs: Logs = new Logs()
  /** `PATCH /api/v1/namespaces/shop/secrets/s?…` of each request, in order. */
  readonly requests: string[] = []
  /** Bytes of bodies of requests, and of answers that are no streams. */
  received = 0
  answered = 0
  /** Looks at each request before it is done. */
  inject: (request: Request) => Injected | undefined = () => undefined
  /** Items of a page at most, whatever is asked for. */
  pageLimit = 500
  readonly #options: ServerOptions
  readonly #kinds: readonly ServedKind[]
  #server: Server | undefined
  #port = 0

  constructor(options: ServerOptions) {
    this.#options = options
    this.#kinds = options.kinds ?? SERVED
  }

  get address(): string {
    return `https://127.0.0.1:${this.#port}`
  }

  /** Begins to listen, at the same port as before. */
  async start(): Promise<void> {
    const { key, cert, ca } = this.#options.tls
    const server = createServer(
      { key, cert, ca, requestCert: true, rejectUnauthorized: false },
      (request, response) => void this.#serve(request, response),
    )
    server.listen(this.#port, '127.0.0.1')
    await once(server, 'listening')
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
  }

  /** Ends at once, whoever is served. */
  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    this.#server?.close()
    this.#server = undefined
  }

  /** Ends all answers that are on their way, and goes on. */
  cut(): void {
    this.#server?.closeAllConnections()
  }

  /** Changes an object as somebody else does. */
  patch(plural: string, namespace: string, name: string, body: object, manager: string): JsonMap {
    const kind = this.kindOf(plural)
    const path = `/${kind.plural}/${name}?fieldManager=${manager}`
    const request: Request = {
      method: 'PATCH',
      path,
      query: new URLSearchParams({ fieldManager: manager }),
      accept: '',
      type: 'application/merge-patch+json',
      userAgent: manager,
      body: JSON.stringify(body),
      kind,
      namespace,
      name,
      part: undefined,
    }
    return write(this.store, request, kind).object
  }

  kindOf(plural: string): ServedKind {
    const found = this.#kinds.find(each => each.plural === plural)
    if (found === undefined)
      throw new Refused(404, 'NotFound', `the server could not find the requested resource`)
    return found
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = readRequest(incoming, await text(incoming), this.#kinds)
    this.requests.push(`${request.method} ${incoming.url}`)
    this.received += Buffer.byteLength(request.body)
    response.once('finish', () => {
      this.answered += Number(response.getHeader('content-length') ?? 0)
    })
    const injected = this.inject(request)
    if (injected === 'cut') return void incoming.socket.destroy()
    try {
      if (injected !== undefined) {
        const { status, headers = {}, message = 'injected' } = injected
        for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
        throw new Refused(status, 'Injected', message)
      }
      this.#authenticate(incoming)
      await this.#answer(request, response)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      send(response, error.code, statusOf(error))
    }
  }

  #authenticate({ socket, headers }: IncomingMessage): void {
    const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
    if (token !== undefined ? this.#options.tokens?.has(token) : (socket as TLSSocket).authorized) return
    throw new Refused(401, 'Unauthorized', 'Unauthorized')
  }

  async #answer(request: Request, response: ServerResponse): Promise<void> {
    const { path, kind, method, query, name, part } = request
    if (path === '/version') return send(response, 200, { major: '1', minor: '33', gitVersion: 'v1.33.0' })
    const isAggregated =
      this.#options.isAggregated !== false && /as=APIGroupDiscoveryList/.test(request.accept)
    const found = discoveryOf(path, this.#kinds, isAggregated)
    if (found !== undefined) {
      const type = isAggregated
        ? 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
        : undefined
      return send(response, 200, found, type)
    }
    if (kind === undefined)
      throw new Refused(404, 'NotFound', 'the server could not find the requested resource')
    if (part === 'log') return this.logs.answer(this.#there(request), query, response)
    if (name === undefined && method === 'GET')
      return query.get('watch') === 'true' || query.get('watch') === '1'
        ? watchAll(this.store, request, response)
        : send(response, 200, list(this.store, request, this.pageLimit))
    if (method === 'GET')
      return send(response, 200, part === 'scale' ? scaleOf(this.#there(request)) : this.#there(request))
    if (method === 'DELETE') return send(response, 200, remove(this.store, request, this.#kinds))
    const { object, isNew } = write(this.store, request, kind)
    send(response, isNew ? 201 : 200, part === 'scale' ? scaleOf(object) : object)
  }

  #there({ kind, namespace = '', name = '' }: Request): JsonMap {
    const object = kind && this.store.get(kind.plural, namespace, name)
    if (object === undefined) throw new Refused(404, 'NotFound', `${kind?.plural ?? ''} "${name}" not found`)
    return object
  }
}

function scaleOf(object: JsonMap): JsonMap {
  const metadata: Json = { ...(object['metadata'] as JsonMap), managedFields: [] }
  const scale: JsonMap = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata }
  return put(scale, ['spec', 'replicas'], at(object, 'spec', 'replicas'))
}

function send(response: ServerResponse, status: number, content: object, type = 'application/json'): void {
  const text = JSON.stringify(content)
  response.setHeader('content-length', Buffer.byteLength(text))
  response.writeHead(status, { 'content-type': type })
  response.end(text)
}
