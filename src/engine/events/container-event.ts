import type { ContainerConfig } from '../../api/types/index.ts'
import type { EventBus } from './bus.ts'

/** A container as its events name it. */
interface NamedContainer {
  readonly record: { readonly id: string; readonly name: string; readonly config: ContainerConfig }
}

/** Publishes an event of a container, with the attributes that Docker gives: image, name, labels. */
export function publishContainerEvent(
  engine: { readonly events: EventBus },
  container: NamedContainer,
  action: string,
  attributes: Readonly<Record<string, string>> = {},
): void {
  const { config, name, id } = container.record
  engine.events.publish({
    type: 'container',
    action,
    id,
    attributes: { ...config.Labels, image: config.Image ?? '', name, ...attributes },
  })
}
