import { createConnection, type Socket } from 'node:net'
import { addAbortSignal, Readable } from 'node:stream'
import { errnoOf, failure, messageOf } from '../../diagnostics/index.ts'
import type { DockerOptions, Endpoint } from '../connection/options.ts'
import { ConnectionLost, exchange, type Message, type Outcome } from '../http/exchange.ts'
import { Lines } from '../http/lines.ts'

export type { Message, Outcome } from '../http/exchange.ts'

/**
 * Sends requests over connections that are kept between calls. The protocol is spoken here (`http/`) and not by Node's own
 * client, which takes a quarter of the time of a short command to load and to get going.
 */
export class Transport {
  readonly endpoint: Endpoint
  readonly #options: DockerOptions
  readonly #lines: Lines

  constructor(endpoint: Endpoint, options: DockerOptions) {
    this.endpoint = endpoint
    this.#options = options
    this.#lines = new Lines(() => connectTo(endpoint, options), options.held)
  }

  /** Throws `ENGINE_UNREACHABLE` when nobody answers there, `ENGINE_TIMEOUT`, or the signal's reason. */
  send(message: Message): Promise<Outcome> {
    return this.#send(message, true)
  }

  /** Closes the connections that are kept, and lets go of the engine. */
  destroy(): void {
    this.#lines.destroy()
    this.#options.held?.destroy()
  }

  async #send(message: Message, again: boolean): Promise<Outcome> {
    const { socket, isKept } = await this.#lines.take(message.comesBack)
    if (message.headers['Upgrade'] !== undefined) void this.#lines.prepare()
    try {
      const outcome = await exchange(socket, message, {
        timeout: this.#options.timeout,
        onFree: free => this.#lines.give(free),
      })
      if (outcome.kind === 'upgrade' && message.signal) addAbortSignal(message.signal, outcome.socket)
      return outcome
    } catch (error) {
      // A kept connection whose engine has gone shows it only in use; only reading is safe to say twice.
      const isStale = again && isKept && message.method === 'GET' && isUnreachable(error)
      if (isStale) return this.#send(message, false)
      throw isOfBody(error, message) ? error : this.#explain(error)
    }
  }

  #explain(error: unknown): unknown {
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

/** What was to be sent could not be read: no fault of the engine's. */
function isOfBody(error: unknown, { body }: Message): boolean {
  return body instanceof Readable && body.errored === error
}

function connectTo(endpoint: Endpoint, { ca, cert, key }: DockerOptions): Socket | Promise<Socket> {
  if ('socketPath' in endpoint) return createConnection({ path: endpoint.socketPath })
  const { host, port, protocol } = endpoint
  if (protocol === 'http') return createConnection({ host, port, noDelay: true })
  // TLS is a good part of Node's start: only who speaks it loads it.
  return import('node:tls').then(({ connect }) => {
    const servername = /^[\d.]+$|:/.test(host) ? '' : host
    return connect({ host, port, servername, ca: ca as string, cert, key }).setNoDelay(true)
  })
}

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

function isUnreachable(error: unknown): boolean {
  return error instanceof ConnectionLost || UNREACHABLE.has(errnoOf(error) ?? '')
}
