import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { json } from 'node:stream/consumers'
import { failure } from '../../diagnostics/index.ts'
import type { Dial } from '../pass-on.ts'

/** A call of the Engine API that the gateway makes: nothing of it is a client's own text. */
export interface EngineCall {
  readonly method: 'GET' | 'HEAD' | 'POST'
  /** With the version that the client asked for; its parts are encoded. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
}

/** Calls to the engine, each on a connection of its own: an answer that is not read to its end holds nobody up. */
export class EngineCalls {
  readonly #dial: Dial
  readonly #signal: AbortSignal

  /** `signal` is aborted when the client has gone. */
  constructor(dial: Dial, signal: AbortSignal) {
    this.#dial = dial
    this.#signal = signal
  }

  /** The answer, when its head has come. */
  async open({ method, path, query }: EngineCall): Promise<IncomingMessage> {
    const socket = await this.#dial()
    const text = new URLSearchParams(query).toString()
    return new Promise((resolve, reject) => {
      const call = request({
        method,
        path: text === '' ? path : `${path}?${text}`,
        headers: { Host: 'docker' },
        // Dialled already; Node types this for net.Socket alone.
        createConnection: () => socket as Socket,
        signal: this.#signal,
      })
      call.once('response', resolve).once('error', reject).end()
    })
  }

  /** The value of an answer that must be one. Errors: ENGINE_REFUSED. */
  async get<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const answer = await this.open({ method: 'GET', path, query })
    if (answer.statusCode === 200) return (await json(answer)) as T
    answer.destroy()
    throw failure({
      code: 'ENGINE_REFUSED',
      kind: 'unavailable',
      summary: `Ask the engine for ${path}: it answered with ${answer.statusCode}`,
    })
  }
}
