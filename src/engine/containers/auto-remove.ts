import { setTimeout } from 'node:timers/promises'
import { Failure, messageOf } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { removeContainer } from './remove.ts'

/** Milliseconds from the start of an engine on within which clients of the one before come back. */
const RETURN_LIMIT = 30_000
/** Milliseconds that one who has come back and waits for the removal has to read the log. */
const READING_TIME = 1_000

/**
 * Keeps a container of an earlier engine that is to be removed at its end until those who waited for that have come back, so
 * that they hear how it ended and have its last output.
 */
export function awaitClients(container: Container, closing: AbortSignal): void {
  if (!container.terms.restart.removed) return
  const options = { ref: false, signal: closing }
  const returned = container.waited.then(() => setTimeout(READING_TIME, undefined, options))
  const returning = Promise.race([returned, setTimeout(RETURN_LIMIT, undefined, options)])
    // An engine that ends leaves it to the next one.
    .catch(ignoreClosing)
    .finally(() => {
      if (container.returning === returning) container.returning = undefined
    })
  container.returning = returning
}

function ignoreClosing(): void {}

/**
 * Removes a container that was made with `--rm` and whose run has ended or has failed to begin: whoever waits for its
 * removal waits for this. Not awaited by whoever holds the container's lock, which the removal takes.
 */
export async function autoRemove(engine: EngineContext, container: Container): Promise<void> {
  if (!container.terms.restart.removed) return
  await container.returning
  if (engine.closing.aborted) return
  try {
    // Before it goes: there is no instant at which nobody knows it.
    engine.containers.rememberDeparting(container)
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
