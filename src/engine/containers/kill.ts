import type { ContainerKillOptions } from '../../api/types/index.ts'
import { Failure, failure } from '../../diagnostics/index.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import { wakeContainer } from '../sleep/wake.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { Live } from '../state/live.ts'
import { parseSignal, SIGKILL } from '../terms/signals.ts'
import { findDeafInit, wasDropped } from './deaf-init.ts'

/** How long a kill may take before the whole cgroup is killed, and once more before it is said to be stuck. */
const KILL_MILLISECONDS = 5_000
const RACE_MILLISECONDS = 1_000

/** Milliseconds that a program which has just started is given to listen to a signal before it counts as deaf. */
const YOUTH_MILLISECONDS = 1_000

/**
 * `POST /containers/{id}/kill`. Any signal is a user's wish: the restart policy does not undo it. With `orKill` one that the
 * kernel drops, since PID 1 does not listen, ends the container all the same.
 */
export async function killContainer(
  engine: Pick<EngineContext, 'events' | 'host'>,
  container: Container,
  signal: string | undefined,
  options: ContainerKillOptions = { orKill: false },
): Promise<void> {
  const number = parseSignal(signal || 'SIGKILL')
  const live = requireLive(container)
  const wakes = number === SIGKILL && (await thawToEnd(engine, container))
  // Only a signal that means «end» is a manual stop; HUP and USR1 ask for a reload.
  const manual = number === SIGKILL || number === container.terms.stop.signal
  if (manual) container.saveState({ manuallyStopped: true })
  else await wakeContainer(container)
  const deaf = options.orKill ? await findDeafInit(container, live, number, YOUTH_MILLISECONDS) : undefined
  // Told before it is done: an exit that follows at once must not come first.
  publishContainerEvent(engine, container, 'kill', { signal: String(number) })
  if (wakes) publishContainerEvent(engine, container, 'unpause')
  await live.connection.signal(number, { manual })
  if (deaf !== undefined && wasDropped(deaf)) {
    publishContainerEvent(engine, container, 'kill', { signal: String(SIGKILL) })
    await signalUnlessEnded(live, SIGKILL)
  } else if (number !== SIGKILL) return
  await waitForEnd(engine, container, live)
}

/** The monitor of a container that runs or restarts; CONTAINER_NOT_RUNNING otherwise. */
export function requireLive(container: Container): Live {
  if (container.live !== undefined && container.active) return container.live
  throw failure({
    code: 'CONTAINER_NOT_RUNNING',
    kind: 'conflict',
    summary: `container ${container.id} is not running`,
  })
}

/** Kills a container that is to be removed, whatever state it is in. */
export async function killForRemoval(
  engine: Pick<EngineContext, 'events' | 'host'>,
  container: Container,
): Promise<void> {
  const { live } = container
  if (live === undefined) return
  const wasPaused = await thawToEnd(engine, container)
  container.saveState({ manuallyStopped: true })
  publishContainerEvent(engine, container, 'kill', { signal: String(SIGKILL) })
  if (wasPaused) publishContainerEvent(engine, container, 'unpause')
  try {
    await signalUnlessEnded(live, SIGKILL)
  } catch (error) {
    // A removal must get through without a monitor too: what is left of it is found out and killed.
    if (!(error instanceof Failure)) throw error
    live.tellLoss()
  }
  await waitForEnd(engine, container, live)
}

/** A signal that ends the container for good; it may end by itself at the same moment, which is as good. */
export async function signalUnlessEnded(live: Live, signal: number): Promise<void> {
  try {
    await live.connection.signal(signal, { manual: true })
  } catch (error) {
    if (!(await settledWithin(live, RACE_MILLISECONDS))) throw error
  }
}

/** Waits until a killed container has ended; kills its whole cgroup when the signal alone does not do. */
export async function waitForEnd(
  engine: Pick<EngineContext, 'host'>,
  container: Container,
  live: Live,
): Promise<void> {
  if (await settledWithin(live, KILL_MILLISECONDS)) return
  await engine.host.cgroups.kill(container.id)
  if (await settledWithin(live, KILL_MILLISECONDS)) return
  throw failure({
    code: 'CONTAINER_STUCK',
    kind: 'internal',
    summary: `container ${container.name} does not end: a process of it hangs in the kernel (state D)`,
    hint: 'look at what it waits for with: cat /proc/<pid>/stack',
  })
}

/** Whether the container has ended for good within so many milliseconds; -1 waits for ever. */
export async function settledWithin(live: Live, milliseconds: number): Promise<boolean> {
  if (milliseconds < 0) {
    await live.settled
    return true
  }
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>(resolve => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  const ended = await Promise.race([live.settled.then(() => true as const), late])
  clearTimeout(timer)
  return ended
}

/** A frozen process hears nothing, and cannot die on cgroup v1, whoever has frozen it; resolves to whether it was paused. */
export async function thawToEnd(engine: Pick<EngineContext, 'host'>, container: Container): Promise<boolean> {
  const wasPaused = container.paused
  if (wasPaused || engine.host.cgroups.freezer(container.id).freezing()) await thaw(engine, container)
  return wasPaused
}

/** Has it go on. */
export async function thaw(engine: Pick<EngineContext, 'host'>, container: Container): Promise<void> {
  await engine.host.cgroups.freezer(container.id).thaw()
  container.paused = false
}
