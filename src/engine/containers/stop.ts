import type { ContainerStopResult } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import type { EngineContext } from '../context.ts'
import type { Container } from './container.ts'
import { publishContainerEvent } from './events.ts'
import { settledWithin, signalUnlessEnded, thaw, waitForEnd } from './kill.ts'
import { isDeafTo, readSignalMasks } from './signal-masks.ts'
import { parseSignal, SIGKILL } from './signals.ts'

/** Docker's grace period. */
const DEFAULT_GRACE_SECONDS = 10
const RESTART_CANCEL_MILLISECONDS = 2_000

export interface StopOptions {
  /** Default: the container's stop signal, then SIGTERM. */
  readonly signal?: string
  /** Seconds; default: the container's, then 10; -1 waits for ever. */
  readonly timeout?: number
}

/**
 * Stops a container: signal, grace, kill. Where PID 1 provably has no handler for the signal the kernel drops it, so
 * nobody can end in the grace period: it is not waited out, and the result and the event say so. The caller holds the
 * container's lock.
 */
export async function stopContainer(
  engine: EngineContext,
  container: Container,
  options: StopOptions,
): Promise<ContainerStopResult | undefined> {
  const { live } = container
  if (live === undefined) {
    throw failure({
      code: 'CONTAINER_STOPPED',
      kind: 'notModified',
      summary: `container ${container.name} does not run`,
    })
  }
  const signal = parseSignal(options.signal || container.record.config.StopSignal || 'SIGTERM')
  const grace = options.timeout ?? container.record.config.StopTimeout ?? DEFAULT_GRACE_SECONDS
  container.saveState({ manuallyStopped: true })
  if (container.paused) await thaw(engine, container)
  const deaf = hasDeafInit(container, signal)
  const hadProcess = container.running
  // Told before it is done: an exit that follows at once must not come first.
  publishContainerEvent(engine, container, 'kill', { signal: String(signal) })
  await signalUnlessEnded(live, signal)
  if (!(await settledWithin(live, waitFor(grace, deaf, hadProcess)))) {
    publishContainerEvent(engine, container, 'kill', { signal: String(SIGKILL) })
    await signalUnlessEnded(live, SIGKILL)
    await waitForEnd(engine, container, live)
  }
  // The rest is cleared away beside what goes on: the next start and a removal wait for it.
  await container.monitorGone
  const skipped = deaf && signal !== SIGKILL
  publishContainerEvent(engine, container, 'stop', skipped ? { graceSkipped: 'true' } : {})
  return skipped ? { GraceSkipped: true } : undefined
}

/** Milliseconds; a container that waits for its restart has nobody to ask and ends as soon as the monitor is told. */
function waitFor(grace: number, deaf: boolean, hadProcess: boolean): number {
  if (!hadProcess) return RESTART_CANCEL_MILLISECONDS
  return deaf ? 0 : grace < 0 ? -1 : grace * 1000
}

/** PID 1 of a pid namespace of its own, without a handler: only there are unhandled signals dropped. */
function hasDeafInit(container: Container, signal: number): boolean {
  const pid = container.live?.status?.pid ?? 0
  if (!container.running || pid === 0 || container.record.hostConfig.PidMode) return false
  const masks = readSignalMasks(pid)
  return masks !== undefined && isDeafTo(masks, signal)
}
