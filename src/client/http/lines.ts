import type { Wire } from './wire.ts'

/**
 * Milliseconds that a connection is kept for the next call. An engine stays for as long as a client is connected, so a
 * program that called once must not hold it for ever; calls in a row find the connection still there.
 */
const KEEP_IDLE = 1_000

/** A connection for one call. */
export interface Line {
  readonly socket: Wire
  /** It carried a call before: its other end may have gone meanwhile. */
  readonly isKept: boolean
}

/** Connections to one engine, kept for a while between calls. Those that are kept do not keep the process alive. */
export class Lines {
  readonly #connect: () => Wire | Promise<Wire>
  readonly #held: Wire | undefined
  readonly #kept = new Map<Wire, () => void>()

  /** `connect` begins a connection and need not wait for it. `held` is one that is kept for as long as its other end is there. */
  constructor(connect: () => Wire | Promise<Wire>, held?: Wire) {
    this.#connect = connect
    this.#held = held
    if (held !== undefined) this.give(held)
  }

  /** A connection of the caller's own: the last that was given back, or a new one. The one held only if it `comesBack`. */
  async take(comesBack: boolean): Promise<Line> {
    const [socket, forget] = [...this.#kept].filter(([kept]) => comesBack || kept !== this.#held).at(-1) ?? []
    if (socket === undefined) return { socket: await this.#connect(), isKept: false }
    forget?.()
    return { socket: socket.ref(), isKept: true }
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
    if (socket !== this.#held) socket.setTimeout(KEEP_IDLE)
    socket.unref()
    this.#kept.set(socket, forget)
  }

  /** Closes those that are kept; calls may go on. */
  destroy(): void {
    for (const [socket, forget] of [...this.#kept]) {
      forget()
      socket.on('error', () => undefined).destroy()
    }
  }
}
