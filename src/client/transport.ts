import {
  Agent,
  type AgentOptions,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request,
} from 'node:http'
import type { Socket } from 'node:net'
import { addAbortSignal, type Duplex, type Readable } from 'node:stream'
import { errnoOf, failure, messageOf } from '../diagnostics/index.ts'
import type { DockerOptions, Endpoint } from './connection.ts'

/** One HTTP request. */
export interface Message {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | number>>
  readonly body: Readable | Uint8Array | undefined
  /** Leave the request open: its body is the returned request's to write. */
  readonly keepOpen: boolean
  readonly signal: AbortSignal | undefined
}

/** An answer, or a connection that is no longer HTTP. */
export type Answer =
  | { readonly kind: 'answer'; readonly answer: IncomingMessage; readonly request: ClientRequest }
  | { readonly kind: 'upgrade'; readonly socket: Duplex }

/** The agent of all calls, and the function that sends by it. */
interface Line {
  readonly agent: Agent
  readonly send: typeof request
}

/** Sends requests over one keep-alive agent. A connection in the agent's hands does not keep the process alive. */
export class Transport {
  readonly endpoint: Endpoint
  readonly #options: DockerOptions
  #line: Promise<Line> | undefined

  constructor(endpoint: Endpoint, options: DockerOptions) {
    this.endpoint = endpoint
    this.#options = options
  }

  /** Throws `ENGINE_UNREACHABLE` when nobody answers there, `ENGINE_TIMEOUT`, or the signal's reason. */
  send(message: Message): Promise<Answer> {
    return this.#send(message, true)
  }

  /** Closes the connections that are kept. */
  destroy(): void {
    void this.#line?.then(({ agent }) => agent.destroy())
    this.#line = undefined
  }

  async #send(message: Message, again: boolean): Promise<Answer> {
    this.#line ??= this.#open()
    const line = await this.#line
    return new Promise((resolve, reject) => {
      const sent = line.send({ ...this.#target(), ...pick(message), agent: line.agent })
      this.#limit(sent, message)
      sent.on('response', answer => resolve({ kind: 'answer', answer, request: sent }))
      sent.on('upgrade', (_, socket, head) => {
        if (head.length > 0) socket.unshift(head)
        if (message.signal !== undefined) addAbortSignal(message.signal, socket)
        resolve({ kind: 'upgrade', socket })
      })
      sent.on('error', error => {
        // A kept connection whose engine has gone shows it only in use; only reading is safe to say twice.
        const stale = again && sent.reusedSocket && message.method === 'GET' && isUnreachable(error)
        if (stale) resolve(this.#send(message, false))
        else reject(this.#explain(error))
      })
      write(sent, message)
    })
  }

  async #open(): Promise<Line> {
    const kept = { keepAlive: true, timeout: KEEP_IDLE }
    if (!('host' in this.endpoint) || this.endpoint.protocol === 'http') {
      return { agent: new PlainAgent(kept, this.#options.connected), send: request }
    }
    // TLS is a good part of Node's start: only who speaks it loads it.
    const https = await import('node:https')
    return { agent: new https.Agent(kept), send: https.request }
  }

  #target(): RequestOptions & { readonly servername?: string } {
    const { endpoint } = this
    // The empty name keeps the agent from asking whether a socket's path is an IPv6 address, which takes it milliseconds.
    if ('socketPath' in endpoint) return { socketPath: endpoint.socketPath, servername: '' }
    const { ca, cert, key } = this.#options
    const tls = endpoint.protocol === 'https' ? { ca, cert, key } : {}
    return { protocol: `${endpoint.protocol}:`, host: endpoint.host, port: endpoint.port, ...tls }
  }

  #limit(sent: ClientRequest, message: Message): void {
    const { timeout } = this.#options
    if (timeout === undefined) return
    const summary = `Call ${message.method} ${message.path}: no byte for ${timeout} ms`
    sent.setTimeout(timeout, () =>
      sent.destroy(failure({ code: 'ENGINE_TIMEOUT', kind: 'unavailable', summary })),
    )
  }

  #explain(error: Error): Error {
    if (!isUnreachable(error)) return error
    const { endpoint } = this
    const place = 'socketPath' in endpoint ? endpoint.socketPath : `${endpoint.host}:${endpoint.port}`
    return failure({
      code: 'ENGINE_UNREACHABLE',
      kind: 'unavailable',
      summary: `Connect to the engine at "${place}": ${messageOf(error)}`,
      hint:
        errnoOf(error) === 'EACCES'
          ? 'run as root, or as a user who may open the socket'
          : 'check that an engine runs there',
      cause: error,
    })
  }
}

/** Begins with a connection that is there already, if one is. */
class PlainAgent extends Agent {
  #connected: Socket | undefined

  constructor(options: AgentOptions, connected: Socket | undefined) {
    super(options)
    // Until it is used it must not keep the process alive, as those in the agent's hands do not.
    this.#connected = connected?.unref()
  }

  override createConnection(...args: Parameters<Agent['createConnection']>): Duplex | null | undefined {
    const connected = this.#connected
    this.#connected = undefined
    return connected === undefined || connected.destroyed ? super.createConnection(...args) : connected.ref()
  }
}

/**
 * Milliseconds that a connection is kept for the next call. An engine stays for as long as a client is connected, so a
 * program that called once must not hold it for ever; calls in a row find the connection still there. The agent closes
 * those alone that no call is using.
 */
const KEEP_IDLE = 1_000

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'EACCES',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

function isUnreachable(error: Error): boolean {
  const errno = errnoOf(error)
  return errno !== undefined && UNREACHABLE.has(errno)
}

function pick(message: Message): RequestOptions {
  const { method, path, headers, signal } = message
  return { method, path, headers: { ...headers }, ...(signal === undefined ? {} : { signal }) }
}

function write(sent: ClientRequest, message: Message): void {
  const { body } = message
  if (message.keepOpen) sent.flushHeaders()
  else if (body === undefined) sent.end()
  else if (body instanceof Uint8Array) sent.end(body)
  else body.on('error', error => sent.destroy(error)).pipe(sent)
}
