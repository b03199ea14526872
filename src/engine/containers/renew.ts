import { Failure } from '../../diagnostics/index.ts'
import { publishContainerEvent } from '../events/container-event.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { Live } from '../state/live.ts'
import { SIGKILL } from '../terms/signals.ts'
import { findDeafInit, wasDropped } from './deaf-init.ts'

/** How long a kill may take before the whole control group is killed. */
const KILL_MILLISECONDS = 5_000

/**
 * Ends a run that has become unhealthy, where the container asks for that: stop signal, grace, kill, as a stop does it. Its monitor starts
 * the next run by itself after the policy's back-off, so that one that was asked to end comes back though the engine is killed
 * meanwhile; the engine that finds it unhealthy and running asks again. Takes no lock: whoever stops it meanwhile has the last word.
 */
export async function renewUnhealthy(
  engine: Pick<EngineContext, 'events' | 'host'>,
  container: Container,
  live: Live,
): Promise<void> {
  const { signal, grace } = container.terms.stop
  if (!wantsRenewal(container)) return
  const run = live.status?.startedAt
  const isOver = (): boolean =>
    container.live !== live || live.status?.startedAt !== run || !container.running
  const patience = grace < 0 ? Number.POSITIVE_INFINITY : grace * 1000
  const deaf = await findDeafInit(container, live, signal, patience)
  if (isOver()) return
  const exit = nextExit(container)
  const send = (number: number): Promise<void> => {
    // Told before it is done: an exit that follows at once must not come first.
    publishContainerEvent(engine, container, 'kill', { signal: String(number) })
    return renew(live, number, isOver)
  }
  try {
    await send(signal)
    const isDropped = deaf !== undefined && wasDropped(deaf)
    if ((await exit.within(isDropped ? 0 : patience)) || isOver()) return
    await send(SIGKILL)
    if ((await exit.within(KILL_MILLISECONDS)) || isOver()) return
    await engine.host.cgroups.kill(container.id)
  } finally {
    exit.forget()
  }
}

/** The restarts that `on-failure:N` allows hold for these as well: the last run is left as it is. */
function wantsRenewal({ terms, record }: Container): boolean {
  const { unhealthy, policy, most } = terms.restart
  return unhealthy && (policy !== 'on-failure' || most === 0 || record.state.restartCount < most)
}

/** It may end by itself at the same moment: its policy decides then. */
async function renew(live: Live, number: number, isOver: () => boolean): Promise<void> {
  try {
    await live.connection.renew(number)
  } catch (error) {
    if (!(error instanceof Failure) || !isOver()) throw error
  }
}

/** The next exit of the container, as something that can be waited for. */
function nextExit(container: Container): {
  readonly within: (milliseconds: number) => Promise<boolean>
  readonly forget: () => void
} {
  let forget = (): void => {}
  const exited = new Promise<true>(resolve => {
    forget = container.onExit(() => resolve(true))
  })
  const within = async (milliseconds: number): Promise<boolean> => {
    if (!Number.isFinite(milliseconds)) return await exited
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>(resolve => {
      timer = setTimeout(() => resolve(false), milliseconds)
    })
    const first = await Promise.race([exited, late])
    clearTimeout(timer)
    return first
  }
  return { within, forget: () => forget() }
}
