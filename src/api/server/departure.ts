import { setMaxListeners } from 'node:events'
import type { Duplex, Writable } from 'node:stream'

/** Whether the client of a request has gone before its answer was complete. */
export class Departure {
  readonly #socket: Duplex
  #controller: AbortController | undefined
  #hasGone = false

  /** `stream` closes when the request is over; `isAnswered` says what that means. */
  constructor(socket: Duplex, stream: Writable, isAnswered: () => boolean) {
    this.#socket = socket
    stream.once('close', () => {
      this.#hasGone = !isAnswered()
      if (this.#hasGone) this.#controller?.abort()
    })
  }

  /** As the connection knows it, before `signal` tells: a write that fails is heard of first. */
  get gone(): boolean {
    return this.#hasGone || this.#socket.destroyed
  }

  /** Made when it is first asked for: most requests are answered before anybody looks. */
  get signal(): AbortSignal {
    this.#controller ??= this.#newController()
    return this.#controller.signal
  }

  #newController(): AbortController {
    const controller = new AbortController()
    // Whatever works for the request side by side listens to it: that is no leak.
    setMaxListeners(0, controller.signal)
    if (this.#hasGone) controller.abort()
    return controller
  }
}
