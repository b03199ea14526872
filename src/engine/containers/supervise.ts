import { messageOf } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import type { Live } from '../state/live.ts'
import { autoRemove } from './auto-remove.ts'
import { renewUnhealthy } from './renew.ts'
import { recoverMonitor } from './run/recover.ts'
import { startRun } from './run/start.ts'

/**
 * Starts a container that does not run, and looks after it from then on; the caller holds its lock. `restarts`: how often
 * its policy has started it before, this time included; a start by hand counts anew.
 */
export async function startContainer(
  engine: EngineContext,
  container: Container,
  restarts: number = 0,
): Promise<void> {
  try {
    supervise(engine, container, await startRun(engine, container, restarts))
  } catch (error) {
    if (container.live === undefined && !container.removing) void autoRemove(engine, container)
    throw error
  }
}

/**
 * What follows from what becomes of a monitor: one that is lost is found again, or its container ended and started anew
 * if its policy says so; a container that has ended for good is removed when it was made with `--rm`; a run that has become
 * unhealthy is ended for another one where the container asks for that.
 */
export function supervise(engine: EngineContext, container: Container, live: Live): void {
  // Whatever its policy says: it has not ended by itself. A whole start makes anew what a run by its monitor takes as it is.
  void live.settled.then(() =>
    live.hasFailedToWake ? startAgain(engine, container) : autoRemove(engine, container),
  )
  const told = (error: unknown): string => `${container.name}: ${messageOf(error)}`
  live.onLoss(() => {
    recover(engine, container, live).catch(error =>
      engine.warn({ severity: 'warning', code: 'RECOVER', summary: told(error) }),
    )
  })
  live.onUnhealthy(() => {
    renewUnhealthy(engine, container, live).catch(error =>
      engine.warn({ severity: 'warning', code: 'RENEW', summary: told(error) }),
    )
  })
}

async function recover(engine: EngineContext, container: Container, live: Live): Promise<void> {
  if (await recoverMonitor(engine, container, live)) await restartByPolicy(engine, container)
}

/** Starts a container again if its policy says so; a start that fails is told, not thrown. */
export async function restartByPolicy(
  engine: EngineContext,
  container: Container,
  options: { readonly afterReboot?: boolean } = {},
): Promise<void> {
  if (wantsRestart(container, options.afterReboot === true)) await startAgain(engine, container, options)
}

async function startAgain(
  engine: EngineContext,
  container: Container,
  options: { readonly afterReboot?: boolean } = {},
): Promise<void> {
  try {
    await engine.locks.run(container.id, async () => {
      if (engine.containers.find(container.id) !== undefined && container.live === undefined) {
        const restarts = options.afterReboot === true ? 0 : container.record.state.restartCount + 1
        await startContainer(engine, container, restarts)
      }
    })
  } catch (error) {
    engine.warn({
      severity: 'warning',
      code: 'RESTART_FAILED',
      summary: `container ${container.name} could not be started again: ${messageOf(error)}`,
    })
  }
}

/** Docker's rules: `always` comes back after a boot even when it was stopped by hand. */
function wantsRestart(container: Container, afterReboot: boolean): boolean {
  const { policy, most, unhealthy } = container.terms.restart
  const { manuallyStopped, exitCode, startedAt, restartCount, health } = container.record.state
  if (startedAt === undefined) return false
  const wasUnhealthy = health?.startedAt === startedAt && health.status === 'unhealthy'
  if (unhealthy && wasUnhealthy && policy !== 'on-failure' && !afterReboot && !manuallyStopped) return true
  if (policy === 'always') return afterReboot || !manuallyStopped
  if (policy === 'unless-stopped') return !manuallyStopped
  const hasTriesLeft = most === 0 || restartCount < most
  return policy === 'on-failure' && exitCode !== 0 && !manuallyStopped && hasTriesLeft
}
