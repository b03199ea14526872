import type { EventMessage, EventsOptions } from '../../api/types/index.ts'
import { AsyncQueue } from '../../linux/async-queue.ts'
import type { EventBus } from './bus.ts'
import { matchesEvent } from './filter.ts'

/** The events that `options` ask for: those kept since then, and all that come until `until` or the abort. */
export function streamEvents(
  bus: EventBus,
  options: EventsOptions,
  signal: AbortSignal,
): AsyncIterable<EventMessage> {
  const queue = new AsyncQueue<EventMessage>()
  const offer = (event: EventMessage): void => {
    if (options.until !== undefined && event.timeNano > Number(options.until)) return
    if (matchesEvent(event, options.filters)) queue.push(event)
  }
  if (options.since !== undefined) for (const event of bus.past(options.since)) offer(event)
  const unsubscribe = bus.subscribe(offer)
  const timer =
    options.until === undefined ? undefined : setTimeout(() => queue.end(), untilMilliseconds(options.until))
  const stop = (): void => queue.end()
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  queue.onEnd(() => {
    unsubscribe()
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  })
  return queue
}

/** Milliseconds from now; setTimeout takes no more than 2^31 - 1. */
function untilMilliseconds(until: bigint): number {
  return Math.min(Math.max(0, Number(until) / 1e6 - Date.now()), 2 ** 31 - 1)
}
