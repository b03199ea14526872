import { EventEmitter } from 'node:events'
import { constants } from 'node:os'
import type { Signals } from '../signals.ts'
import type { Conversation } from './conversation.ts'
import { KIND, numberAt, numbers } from './wire.ts'

type Listener = (signal: NodeJS.Signals) => void

/** Taken by the launcher from the beginning. */
const ALWAYS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM']

/** Signals that come to the launcher. It is told which ones are wanted: all others do with it what they do to any process. */
export class FarSignals implements Signals {
  readonly #conversation: Conversation
  readonly #events = new EventEmitter().setMaxListeners(0)

  /** `onUnheard`: what SIGINT and SIGTERM do that nobody listens to. */
  constructor(conversation: Conversation, onUnheard: () => void) {
    this.#conversation = conversation
    const names = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name] as const))
    conversation.on(KIND.signal, payload => {
      // A launcher whose signals nobody hears ends by them.
      conversation.send(KIND.signalHeard)
      const name = (names.get(numberAt(payload, 0) as never) ?? '') as NodeJS.Signals
      if (!this.#events.emit(name, name) && ALWAYS.includes(name)) onUnheard()
    })
  }

  on(signal: NodeJS.Signals, listener: Listener): void {
    this.#events.on(signal, listener)
    if (this.#events.listenerCount(signal) === 1) this.#tell(signal, true)
  }

  off(signal: NodeJS.Signals, listener: Listener): void {
    const before = this.#events.listenerCount(signal)
    this.#events.off(signal, listener)
    if (before === 1 && this.#events.listenerCount(signal) === 0) this.#tell(signal, false)
  }

  raise(signal: NodeJS.Signals): void {
    this.#conversation.send(KIND.raise, numbers(constants.signals[signal]))
  }

  #tell(signal: NodeJS.Signals, isWanted: boolean): void {
    if (!ALWAYS.includes(signal))
      this.#conversation.send(KIND.catch, numbers(constants.signals[signal], isWanted ? 1 : 0))
  }
}
