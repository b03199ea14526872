import type { ContainerStopOptions, ContainerStopResult } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { wakeContainer } from '../sleep/wake.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { parseSignal, SIGKILL } from '../terms/signals.ts'
import { findDeafInit, wasDropped } from './deaf-init.ts'
import { settledWithin, signalUnlessEnded, thawToEnd, waitForEnd } from './kill.ts'

const RESTART_CANCEL_MILLISECONDS = 2_000

/**
 * Stops a container: signal, grace, kill. Where the kernel has provably dropped the signal, because PID 1 does not listen to
 * it, nobody can heed it in the grace period: that is not waited out, and the result and the event say so. The caller
 * holds the container's lock.
 */
export async function stopContainer(
  engine: Pick<EngineContext, 'events' | 'host'>,
  container: Container,
  options: ContainerStopOptions,
): Promise<ContainerStopResult | undefined> {
  const { live } = container
  if (live === undefined) {
    throw failure({
      code: 'CONTAINER_STOPPED',
      kind: 'notModified',
      summary: `container ${container.name} does not run`,
    })
  }
  const signal = options.signal ? parseSignal(options.signal) : container.terms.stop.signal
  const grace = options.timeout ?? container.terms.stop.grace
  container.saveState({ manuallyStopped: true })
  const wasPaused = await thawToEnd(engine, container)
  if (container.running) await wakeContainer(container)
  const patience = grace < 0 ? Number.POSITIVE_INFINITY : grace * 1000
  // Without a grace period there is none to be skipped.
  const deaf = patience === 0 ? undefined : await findDeafInit(container, live, signal, patience)
  const hadProcess = container.running
  // Told before it is done: an exit that follows at once must not come first.
  publishContainerEvent(engine, container, 'kill', { signal: String(signal) })
  if (wasPaused) publishContainerEvent(engine, container, 'unpause')
  let skipped = false
  const tellStop = (): void =>
    publishContainerEvent(engine, container, 'stop', skipped ? { graceSkipped: 'true' } : {})
  // As Docker tells it: before the death, which is recorded last.
  live.beforeDeath = tellStop
  await signalUnlessEnded(live, signal)
  skipped = deaf !== undefined && wasDropped(deaf)
  if (!(await settledWithin(live, waitFor(grace, skipped, hadProcess)))) {
    publishContainerEvent(engine, container, 'kill', { signal: String(SIGKILL) })
    await signalUnlessEnded(live, SIGKILL)
    await waitForEnd(engine, container, live)
  }
  // The rest is cleared away beside what goes on: the next start and a removal wait for it.
  await container.monitorGone
  // One that waited for its restart had no death left to tell.
  if (live.beforeDeath === tellStop) tellStop()
  return skipped ? { GraceSkipped: true } : undefined
}

/** Milliseconds; a container that waits for its restart has nobody to ask and ends as soon as the monitor is told. */
function waitFor(grace: number, skipped: boolean, hadProcess: boolean): number {
  if (!hadProcess) return RESTART_CANCEL_MILLISECONDS
  return skipped ? 0 : grace < 0 ? -1 : grace * 1000
}
