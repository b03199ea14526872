import { ConnectionLost } from './exchange.ts'
import type { Wire } from './wire.ts'

/**
 * Milliseconds that a connection is kept for the next call. An engine of this machine stays for as long as a client is connected, so a
 * program that called once must not hold it for ever; calls in a row find the connection still there. Another machine's stays anyway, but
 * what leads to it over TCP may be a server that ends what is idle for five seconds.
 */
const KEEP_IDLE: Readonly<Record<Distance, number>> = { near: 1_000, far: 4_000, dear: 15_000 }

/** Milliseconds after which a connection that has brought nothing yet keeps nobody else waiting. */
const BEGINNING = 5_000

/** Where connections lead: `near` on this machine, `far` to another one, `dear` where each takes a program and a handshake of its own. */
export type Distance = 'near' | 'far' | 'dear'

/** A connection for one call. */
export interface Line {
  readonly socket: Wire
  /** It carried a call before: its other end may have gone meanwhile. */
  readonly isKept: boolean
}

/** Who waits for a connection. */
interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Connections to one engine, kept for a while between calls. Those that are kept do not keep the process alive. */
export class Lines {
  readonly #connect: () => Wire | Promise<Wire>
  readonly #held: Wire | undefined
  readonly #distance: () => Distance
  readonly #kept = new Map<Wire, () => void>()
  #isBeginning = false
  #waiting: Waiting[] = []

  /** `connect` begins a connection and need not wait for it. `held` is one that is kept for as long as its other end is there. */
  constructor(connect: () => Wire | Promise<Wire>, held?: Wire, distance: () => Distance = () => 'near') {
    this.#connect = connect
    this.#held = held
    this.#distance = distance
    if (held !== undefined) this.give(held)
  }

  /** Whether a call would have to wait for a new one. */
  get areTaken(): boolean {
    return this.#kept.size === 0
  }

  /** A connection of the caller's own: the last that was given back, or a new one. The one held only if it `comesBack`. */
  async take(comesBack: boolean): Promise<Line> {
    for (;;) {
      const [socket, forget] =
        [...this.#kept].filter(([kept]) => comesBack || kept !== this.#held).at(-1) ?? []
      if (socket !== undefined) {
        forget?.()
        return { socket: socket.ref(), isKept: true }
      }
      if (this.#distance() !== 'dear') return { socket: await this.#connect(), isKept: false }
      if (!this.#isBeginning) return { socket: await this.#begin(), isKept: false }
      await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    }
  }

  /**
   * Of dear connections one is begun at a time. Who else calls meanwhile takes what comes free, or the next; where it cannot be made,
   * they fail with it: a person would be asked the same by each.
   */
  async #begin(): Promise<Wire> {
    this.#isBeginning = true
    let isDone = false
    let failed: unknown = new ConnectionLost()
    const goOn = (act: (waiting: Waiting) => void): void => {
      if (isDone) return
      clearTimeout(timer)
      isDone = true
      this.#isBeginning = false
      this.#wake(act)
    }
    const timer = setTimeout(() => goOn(({ resolve }) => resolve()), BEGINNING).unref()
    try {
      const socket = await this.#connect()
      socket.once('error', error => {
        failed = error
      })
      socket.once('connect', () => goOn(({ resolve }) => resolve()))
      socket.once('close', () => goOn(({ reject }) => reject(failed)))
      return socket
    } catch (error) {
      goOn(({ reject }) => reject(error))
      throw error
    }
  }

  #wake(act: (waiting: Waiting) => void): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const each of waiting) act(each)
  }

  /** Begins a connection for the call that follows one whose own does not come back: the engine works meanwhile. */
  async prepare(): Promise<void> {
    if (this.#kept.size > 0) return
    const socket = await this.#connect()
    socket.unref()
    // Who then calls makes a connection anew, and hears why it cannot be made.
    const fail = (): void => void socket.destroy()
    socket.once('error', fail)
    socket.once('connect', () => {
      socket.off('error', fail)
      this.give(socket)
    })
  }

  /** A connection whose call has ended. */
  give(socket: Wire): void {
    const drop = (): void => {
      forget()
      socket.on('error', () => undefined).destroy()
    }
    // Whatever happens on a connection that nobody uses is its end.
    const events = ['data', 'end', 'close', 'error', 'timeout'] as const
    const forget = (): void => {
      this.#kept.delete(socket)
      for (const event of events) socket.off(event, drop)
      socket.setTimeout(0)
    }
    for (const event of events) socket.on(event, drop)
    if (socket !== this.#held) socket.setTimeout(KEEP_IDLE[this.#distance()])
    socket.unref()
    this.#kept.set(socket, forget)
    this.#wake(({ resolve }) => resolve())
  }

  /** Closes those that are kept; calls may go on, but those that wait for a connection fail. */
  destroy(): void {
    this.#wake(({ reject }) => reject(new ConnectionLost()))
    for (const [socket, forget] of [...this.#kept]) {
      forget()
      socket.on('error', () => undefined).destroy()
    }
  }
}
