import type { EventMessage, EventType } from '../../api/types/index.ts'
import { wallClock } from '../../linux/wall-clock.ts'

/** How many past events are kept for `since`. */
const RING = 256

/** Nanoseconds of our time that are one as a JavaScript number. */
const RESOLUTION = 256n

/** A listener; what it throws is the publisher's problem, so it must not. */
export type EventListener = (event: EventMessage) => void

/** What happened, before the bus puts the time on it. */
export interface NewEvent {
  readonly type: EventType
  readonly action: string
  readonly id: string
  readonly attributes?: Readonly<Record<string, string>>
}

/** The engine's events: told to listeners as they happen, the last 256 kept for `since`. Lost with the engine. */
export class EventBus {
  readonly #listeners = new Set<EventListener>()
  readonly #past: EventMessage[] = []
  readonly #now: () => bigint
  #lastNano = 0n

  /** `now` is the wall clock, unix nanoseconds. */
  constructor(now: () => bigint = wallClock) {
    this.#now = now
  }

  /** How many listen, for `info`. */
  get listeners(): number {
    return this.#listeners.size
  }

  publish(event: NewEvent): void {
    const message = this.#messageOf(event)
    this.#past.push(message)
    if (this.#past.length > RING) this.#past.shift()
    for (const listener of this.#listeners) listener(message)
  }

  /** Calls `listener` with each event from now on, until the function returned is called. */
  subscribe(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Events kept from `since` on, unix nanoseconds. */
  past(since: bigint): readonly EventMessage[] {
    return this.#past.filter(event => event.timeNano >= Number(since))
  }

  #messageOf(event: NewEvent): EventMessage {
    // Events of one instant keep their order for clients that sort by time.
    const nano = this.#now()
    const next = this.#lastNano + RESOLUTION
    this.#lastNano = nano > next ? nano : next
    const attributes = event.attributes ?? {}
    const named = event.id === '' ? {} : { id: event.id }
    const legacy =
      event.type === 'container'
        ? { status: event.action, ...named, ...(attributes['image'] ? { from: attributes['image'] } : {}) }
        : event.type === 'image'
          ? { status: event.action, ...named }
          : {}
    return {
      ...legacy,
      Type: event.type,
      Action: event.action,
      Actor: { ID: event.id, Attributes: attributes },
      scope: 'local',
      time: Number(this.#lastNano / 1_000_000_000n),
      timeNano: Number(this.#lastNano),
    }
  }
}
