import type { EngineContext } from '../context.ts'
import type { Container } from './container.ts'

/** Publishes an event of a container, with the attributes that Docker gives: image, name, labels. */
export function publishContainerEvent(
  engine: EngineContext,
  container: Container,
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
