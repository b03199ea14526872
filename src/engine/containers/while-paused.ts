import { publishContainerEvent } from '../events/container-event.ts'
import { wakeContainer } from '../sleep/wake.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { thaw } from './kill.ts'
import { pauseContainer } from './pause.ts'

/** Does work while these containers stand still, so that nobody writes what is copied. Those that don't run, or are paused, stay as they are. The caller holds their locks. */
export async function whilePaused<T>(
  engine: Pick<EngineContext, 'events' | 'host'>,
  containers: readonly Container[],
  work: () => Promise<T>,
): Promise<T> {
  await Promise.all(containers.map(wakeContainer))
  const running = containers.filter(each => each.running && !each.paused)
  for (const container of running) container.saveState({ pausedToCommit: true })
  try {
    await Promise.all(running.map(container => pauseContainer(engine, container)))
    return await work()
  } finally {
    await Promise.all(running.map(container => endBriefPause(engine, container)))
  }
}

/** Lets a container run on that was paused to be copied, by this engine or by one that died over it. */
export async function endBriefPause(
  engine: Pick<EngineContext, 'events' | 'host'>,
  container: Container,
): Promise<void> {
  if (container.paused) {
    await thaw(engine, container)
    publishContainerEvent(engine, container, 'unpause')
  }
  const { pausedToCommit: _, ...state } = container.record.state
  container.saveRun({ state })
}
