import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'
import type { Live } from '../../state/live.ts'
import { clearRun } from './clear-run.ts'

/** A monitor drains the log after the exit; one that takes longer than this has a reader that blocks it. */
const DRAIN_MILLISECONDS = 5_000

/**
 * The container has ended for good: it has no monitor any more, and what its run left is cleared away. Its state was
 * recorded before.
 */
export function settleContainer(engine: EngineContext, container: Container, live: Live): void {
  if (container.live !== live) return
  container.live = undefined
  container.paused = false
  container.health?.stop()
  container.monitorGone = drained(live).then(() => live.connection.close())
  // Under a key of its own, so that the engine does not end before it is done.
  container.cleanup = engine.locks.run(`clear:${container.id}`, async () => {
    await container.monitorGone
    await clearRun(engine, container)
  })
  live.settle()
}

/** The monitor's own end: its last log line is written by then. */
async function drained(live: Live): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<void>(resolve => {
    timer = setTimeout(resolve, DRAIN_MILLISECONDS)
  })
  await Promise.race([live.connection.closed, tooLate])
  clearTimeout(timer)
}
