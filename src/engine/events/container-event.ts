import type { ContainerConfig } from '../../api/types/index.ts'
import type { EventBus } from './bus.ts'

/** A container as its events name it. */
interface NamedContainer {
  readonly record: { readonly id: string; readonly name: string; readonly config: ContainerConfig }
}

/** A command in the name of an event: a blank follows the program whether there is more or not. */
export function commandText([program = '', ...args]: readonly string[]): string {
  return `${program} ${args.join(' ')}`
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
