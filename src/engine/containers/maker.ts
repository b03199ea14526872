import { setTimeout } from 'node:timers/promises'
import { Failure, messageOf } from '../../diagnostics/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { removeContainer } from './remove.ts'

/** Milliseconds within which a maker that is not there is given up: it has been killed, or its engine has been. */
const MAKER_LIMIT = 10_000

/**
 * `POST /tscompose/makers/{id}`: a client that makes containers stays here until it has started them. When it has gone, those
 * that never began are removed: nothing can be had from them, and nobody else knows of them.
 */
export function stayMaker(engine: EngineContext, maker: string, signal: AbortSignal): AsyncIterable<never> {
  engine.makers.enter(maker)
  const gone = aborted(signal).then(() => {
    engine.makers.leave(maker)
    for (const container of engine.containers.values())
      if (container.record.maker === maker) void removeUnstarted(engine, container)
  })
  return {
    // biome-ignore lint/correctness/useYield: there is nothing to tell; only its end counts.
    async *[Symbol.asyncIterator]() {
      await gone
    },
  }
}

/**
 * Removes a container that was not started if its maker is not there and does not come soon. The engine stays meanwhile. Other clients
 * than ours name no maker: after a crash one that was made with `--rm` goes, as with Docker when its daemon starts.
 */
export function awaitMaker(engine: EngineContext, container: Container, afterCrash: boolean): void {
  const { maker } = container.record
  const isLeft = (): boolean =>
    maker === undefined ? afterCrash && container.terms.restart.removed : !engine.makers.has(maker)
  if (!isLeft()) return
  container.returning = setTimeout(MAKER_LIMIT, undefined, { ref: false, signal: engine.closing })
    .then(
      () => (isLeft() ? removeUnstarted(engine, container) : undefined),
      // An engine that ends leaves it to the next one.
      () => undefined,
    )
    .finally(() => {
      container.returning = undefined
    })
}

async function removeUnstarted(engine: EngineContext, container: Container): Promise<void> {
  try {
    await removeContainer(engine, container, { force: false, volumes: true, ifUnstarted: true })
  } catch (error) {
    // Its start was under way.
    if (error instanceof Failure && error.code === 'CONTAINER_RUNNING') return
    engine.warn({
      severity: 'warning',
      code: 'AUTO_REMOVE',
      summary: `container ${container.name}, which nobody is going to start, could not be removed: ${messageOf(error)}`,
    })
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise(resolve => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
