import { addAbortSignal, Readable } from 'node:stream'
import { errnoOf, Failure, failure, messageOf } from '../../diagnostics/index.ts'
import { connect } from '../connection/connect.ts'
import type { Settings } from '../connection/settings.ts'
import {
  ConnectionLost,
  exchange,
  type Message,
  type Outcome,
  type Told,
  timedOut,
} from '../http/exchange.ts'
import { type Distance, type Line, Lines } from '../http/lines.ts'
import { SharedLine } from '../http/shared-line.ts'
import type { Wire } from '../http/wire.ts'
import { tlsFailure } from './tls-failure.ts'

export type { Message, Outcome, Told } from '../http/exchange.ts'

/** Where calls go, as it is when they are made. */
export interface Destination extends Settings {
  getSocketPath(): Promise<string> | undefined
}

/**
 * Sends requests over connections that are kept between calls. The protocol is spoken here (`http/`) and not by Node's own
 * client, which takes a quarter of the time of a short command to load and to get going.
 */
export class Transport {
  readonly #destination: Destination
  readonly #held: Wire | undefined
  readonly #lines: Lines
  #shared: Promise<SharedLine | undefined> | undefined

  constructor(destination: Destination, held?: Wire) {
    this.#destination = destination
    this.#held = held
    const begin = async (): Promise<Wire> => connect(destination, await destination.getSocketPath())
    this.#lines = new Lines(begin, held, () => distanceOf(destination))
  }

  /** Throws `ENGINE_UNREACHABLE` when nobody answers there, `ENGINE_TIMEOUT`, or what the signal makes of it. */
  async send(message: Message): Promise<Outcome | Told> {
    if (this.#destination.agent === undefined)
      return this.#maySend(message) ? this.#sendShared(message) : this.#send(message, true)
    try {
      const { exchangeByAgent } = await import('../connection/exchange-by-agent.ts')
      return await exchangeByAgent(message, this.#destination, await this.#destination.getSocketPath())
    } catch (error) {
      throw await this.#explain(error, message)
    }
  }

  /** Closes the connections that are kept, and lets go of the engine. */
  destroy(): void {
    void this.#shared?.then(line => line?.destroy())
    this.#lines.destroy()
    this.#held?.destroy()
  }

  /** By the connection that many calls share, or by one of its own where the engine wants that. */
  async #sendShared(message: Message): Promise<Outcome | Told> {
    this.#shared ??= this.#lines.take(false).then(({ socket }) => SharedLine.open(socket))
    const line = await this.#shared.catch(() => undefined)
    if (line?.isOpen !== true) return this.#send(message, true)
    try {
      const told = await line.call(message)
      if (told !== undefined) return told
    } catch (error) {
      // As of a kept connection: only reading is safe to say twice.
      if (!(error instanceof ConnectionLost && message.method === 'GET'))
        throw await this.#explain(error, message)
    }
    return this.#send(message, true)
  }

  /**
   * Our own engine is held while calls go on. Those that come one after the other are made over that connection; the first that comes
   * beside another opens one for all that follow.
   */
  #maySend({ shared }: Message): boolean {
    const { timeout, connectionTimeout } = this.#destination
    if (this.#held === undefined || shared === undefined) return false
    if (timeout !== undefined || connectionTimeout !== undefined) return false
    return this.#shared !== undefined || this.#lines.areTaken
  }

  async #send(message: Message, again: boolean): Promise<Outcome> {
    const line = await this.#take(message)
    if (isUpgrade(message) && message.isLast !== true && this.#destination.protocol !== 'ssh') this.#prepare()
    try {
      const outcome = await this.#exchange(line, message)
      if (outcome.kind === 'upgrade' && message.signal) addAbortSignal(message.signal, outcome.socket)
      return outcome
    } catch (error) {
      // A kept connection whose engine has gone shows it only in use; only reading is safe to say twice.
      const isStale = again && line.isKept && message.method === 'GET' && isUnreachable(error)
      if (isStale) return this.#send(message, false)
      throw await this.#explain(error, message)
    }
  }

  async #take(message: Message): Promise<Line> {
    try {
      return await this.#lines.take(message.comesBack || message.isLast === true)
    } catch (error) {
      throw await this.#explain(error, message)
    }
  }

  async #exchange({ socket }: Line, message: Message): Promise<Outcome> {
    const { timeout, connectionTimeout } = this.#destination
    const late = (): void => void socket.destroy(timedOut(message, connectionTimeout))
    const isLimited = connectionTimeout !== undefined && !isUpgrade(message)
    const timer = isLimited ? setTimeout(late, connectionTimeout) : undefined
    try {
      return await exchange(socket, message, { timeout, onFree: free => this.#lines.give(free) })
    } finally {
      clearTimeout(timer)
    }
  }

  #prepare(): void {
    // Who calls next makes a connection anew, and hears why it cannot be made.
    this.#lines.prepare().catch(() => undefined)
  }

  async #explain(error: unknown, message: Message): Promise<unknown> {
    if (isOfBody(error, message) || error instanceof Failure) return error
    const place = (await this.#destination.getSocketPath()) ?? nameOf(this.#destination)
    const ofTls = tlsFailure(error, place)
    if (ofTls !== undefined || !isUnreachable(error)) return ofTls ?? error
    if (error instanceof ConnectionLost || BROKEN_OFF.has(errnoOf(error) ?? ''))
      return failure({
        code: 'ENGINE_UNREACHABLE',
        kind: 'unavailable',
        summary: `The connection to the engine at "${place}" broke off: ${messageOf(error)}`,
        hint: this.#destination.host === undefined ? 'the engine has ended: try again' : 'try again',
        cause: error,
      })
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

/** How an engine is called that is not at a socket. */
function nameOf({ host, port, protocol }: Settings): string {
  if (protocol === 'ssh') return `ssh://${host}${port === undefined ? '' : `:${port}`}`
  return `${host}:${port}`
}

/** To be at a port of this machine may be to be led to another one. */
function distanceOf({ host, protocol }: Settings): Distance {
  if (host === undefined) return 'near'
  return protocol === 'ssh' ? 'dear' : 'far'
}

/** What is said of a connection that was there. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET'])

function isUpgrade({ headers }: Message): boolean {
  return headers['Upgrade'] !== undefined
}

/** What was to be sent could not be read: no fault of the engine's. */
function isOfBody(error: unknown, { body }: Message): boolean {
  return body instanceof Readable && body.errored === error
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ENOENT',
  'ECONNREFUSED',
  'EACCES',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

function isUnreachable(error: unknown): boolean {
  return error instanceof ConnectionLost || UNREACHABLE.has(errnoOf(error) ?? '')
}
