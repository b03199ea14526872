import { failure } from '../../diagnostics/index.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { checkName } from '../terms/name.ts'

/** `POST /containers/{id}/rename`; other containers find it by the new name at once. */
export async function renameContainer(
  engine: EngineContext,
  container: Container,
  wanted: string,
): Promise<void> {
  const name = checkName('container', wanted)
  const before = container.name
  if (name === before) {
    throw failure({
      code: 'NAME_SAME',
      kind: 'invalidArgument',
      summary: 'Renaming a container with the same name as its current name',
    })
  }
  engine.containers.reserveName(name, container.id)
  try {
    container.save({ name })
  } catch (error) {
    engine.containers.releaseName(name, container.id)
    throw error
  }
  engine.containers.releaseName(before, container.id)
  if (container.holdsAddresses) {
    await engine.names.update(
      container.record.endpoints
        .map(endpoint => endpoint.networkId)
        .filter(id => engine.networks.find(id) !== undefined),
    )
  }
  publishContainerEvent(engine, container, 'rename', { oldName: `/${before}` })
}
