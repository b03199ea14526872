import { failure } from '../../diagnostics/index.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { wakeContainer } from '../sleep/wake.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { requireLive, thaw } from './kill.ts'

/** Freezes every process of the container; the freezer keeps it even when the engine dies. */
export async function pauseContainer(
  engine: Pick<EngineContext, 'events' | 'host'>,
  container: Container,
): Promise<void> {
  requireLive(container)
  await wakeContainer(container)
  if (container.paused || !container.running) {
    throw failure({
      code: container.paused ? 'CONTAINER_PAUSED' : 'CONTAINER_NOT_RUNNING',
      kind: 'conflict',
      summary: `container ${container.name} is ${container.paused ? 'already paused' : 'restarting'}`,
      facts: { id: container.id, state: 'already paused' },
    })
  }
  await engine.host.cgroups.freezer(container.id).freeze()
  container.paused = true
  publishContainerEvent(engine, container, 'pause')
}

/** Lets them run on. */
export async function unpauseContainer(
  engine: Pick<EngineContext, 'events' | 'host'>,
  container: Container,
): Promise<void> {
  if (!container.paused) {
    throw failure({
      code: 'CONTAINER_NOT_PAUSED',
      kind: 'conflict',
      summary: `container ${container.name} is not paused`,
      facts: { id: container.id },
    })
  }
  await thaw(engine, container)
  publishContainerEvent(engine, container, 'unpause')
}
