import type { EventType } from '../../api/types/index.ts'
import type { EventBus } from './bus.ts'

/** Publishes that what nobody used was removed; `reclaimed`: bytes. */
export function tellPrune(engine: { readonly events: EventBus }, type: EventType, reclaimed: number): void {
  engine.events.publish({ type, action: 'prune', id: '', attributes: { reclaimed: String(reclaimed) } })
}
