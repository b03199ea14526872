import { familiarReference, parseReference } from '../../oci/reference.ts'
import type { EventBus } from '../events/bus.ts'

/** Publishes an event of an image, by its id and its name as people write it; the id is the name of one without. */
export function tellImage(
  engine: { readonly events: EventBus },
  action: string,
  id: string,
  name: string = id,
): void {
  const told = name === id ? id : familiarReference(parseReference(name))
  engine.events.publish({ type: 'image', action, id, attributes: { name: told } })
}
