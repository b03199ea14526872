import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, messageOf } from '../../diagnostics/index.ts'
import { holdOwnEngine } from '../engine.ts'
import { statePaths } from '../state-paths.ts'
import type { Environment } from '../target.ts'

/** Milliseconds until an engine that has ended is started again: more each time that none stays. */
const FIRST_PAUSE = 100
const LAST_PAUSE = 2_000

/** An engine that has lived for so many milliseconds is not one that cannot start. */
const LASTING = 2_000

/** Nobody listens there: an engine has ended, or is about to listen. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED'])

/** An engine that is there for as long as this is: where it ends, another is started. */
export class KeptEngine {
  readonly #env: Environment
  readonly #onTrouble: (text: string) => void
  readonly #released = new AbortController()
  #held: Promise<Socket>
  #pause = FIRST_PAUSE

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
      if (performance.now() - begin > LASTING) this.#pause = FIRST_PAUSE
      this.#onTrouble('the engine has ended: it is started again')
      this.#held = this.#again()
      // Who waits for it hears of it, and so has whoever reads what is printed.
      this.#held.catch(() => undefined)
    })
    return held
  }

  async #again(): Promise<Socket> {
    for (;;) {
      await sleep(this.#pause, undefined, { signal: this.#released.signal })
      this.#pause = Math.min(this.#pause * 2, LAST_PAUSE)
      try {
        return await this.#hold()
      } catch (error) {
        this.#onTrouble(messageOf(error))
      }
    }
  }
}
