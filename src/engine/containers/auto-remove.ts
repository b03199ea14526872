import { Failure, messageOf } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { removeContainer } from './remove.ts'

/**
 * Removes a container that was made with `--rm` and whose run has ended or has failed to begin: whoever waits for its
 * removal waits for this. Not awaited by whoever holds the container's lock, which the removal takes.
 */
export async function autoRemove(engine: EngineContext, container: Container): Promise<void> {
  if (!container.terms.restart.removed) return
  try {
    await removeContainer(engine, container, { force: false, volumes: true })
  } catch (error) {
    // A restart has started it again meanwhile: the end of that run removes it.
    if (error instanceof Failure && error.code === 'CONTAINER_RUNNING') return
    engine.warn({
      severity: 'warning',
      code: 'AUTO_REMOVE',
      summary: `container ${container.name} could not be removed after its end: ${messageOf(error)}`,
    })
  }
}
