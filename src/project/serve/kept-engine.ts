import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, messageOf } from '../../diagnostics/index.ts'
import { holdOwnEngine } from '../engine.ts'
import { statePaths } from '../state-paths.ts'
import type { Environment } from '../target.ts'

const FIRST_PAUSE = 100
const LAST_PAUSE = 2_000

/** An engine that has lived for so many milliseconds is not one that cannot start. */
const LASTING = 2_000

/**
 * Milliseconds until an engine that has ended is started again: more each time that none stays. `previous`: the pause before this
 * one, 0 where there was none; `lived`: milliseconds that the engine was there.
 */
export function pauseAfter(previous: number, lived: number): number {
  return previous === 0 || lived > LASTING ? FIRST_PAUSE : Math.min(previous * 2, LAST_PAUSE)
}

/** Nobody listens there: an engine has ended, or is about to listen. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED'])

/** An engine that is there for as long as this is: where it ends, another is started. */
export class KeptEngine {
  readonly #env: Environment
  readonly #onTrouble: (text: string) => void
  readonly #released = new AbortController()
  #held: Promise<Socket>
  /** The last one; 0 before any. */
  #pause = 0

  constructor(env: Environment, onTrouble: (text: string) => void) {
    this.#env = env
    this.#onTrouble = onTrouble
    this.#held = this.#hold()
  }

  /** Resolves when there is one. Errors: NOT_ROOT, ENGINE_START, FD_LIMIT. */
  async up(): Promise<void> {
    await this.#held
  }

  /** A connection to it. Errors: those of `up`, ENGINE_UNREACHABLE. */
  async dial(): Promise<Socket> {
    try {
      return await this.#connect()
    } catch (error) {
      if (!ABSENT.has(errnoOf(error) ?? '')) throw error
      await this.up()
      return this.#connect()
    }
  }

  /** It ends when nobody else needs it. */
  async release(): Promise<void> {
    this.#released.abort()
    const held = await this.#held.catch(() => undefined)
    held?.destroy()
  }

  async #connect(): Promise<Socket> {
    // Clients end their half of a connection where the input of a process ends.
    const socket = createConnection({ path: statePaths(this.#env).socket, allowHalfOpen: true })
    try {
      await once(socket, 'connect')
      return socket
    } catch (error) {
      socket.destroy()
      throw error
    }
  }

  async #hold(): Promise<Socket> {
    const held = await holdOwnEngine(this.#env)
    const begin = performance.now()
    // It keeps this process alive, and must be read for its end to be seen.
    held.ref().resume()
    held.once('close', () => {
      if (this.#released.signal.aborted) return
      this.#onTrouble('the engine has ended: it is started again')
      this.#held = this.#again(performance.now() - begin)
      // Who waits for it hears of it, and so has whoever reads what is printed.
      this.#held.catch(() => undefined)
    })
    return held
  }

  async #again(lived: number): Promise<Socket> {
    this.#pause = pauseAfter(this.#pause, lived)
    for (;;) {
      await sleep(this.#pause, undefined, { signal: this.#released.signal })
      try {
        return await this.#hold()
      } catch (error) {
        this.#onTrouble(messageOf(error))
        this.#pause = pauseAfter(this.#pause, 0)
      }
    }
  }
}
