import { Failure, messageOf } from '../../diagnostics/index.ts'
import { stopContainer } from '../containers/stop.ts'
import { startContainer } from '../containers/supervise.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'

/** Does work that nobody else does anything with these things meanwhile: always locked in the same order. */
export async function withLocks<T>(
  { locks }: Pick<EngineContext, 'locks'>,
  keys: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const [first, ...rest] = [...new Set(keys)].sort()
  return first === undefined ? await work() : await locks.run(first, () => withLocks({ locks }, rest, work))
}

/** Those that run or are about to, the one that has run longest first: so were they started, and so they are to be again. */
export function runningOf(containers: readonly Container[]): Container[] {
  const since = ({ record }: Container): string => record.state.startedAt ?? ''
  return containers.filter(each => each.holdsAddresses).sort((a, b) => (since(a) < since(b) ? -1 : 1))
}

/** Stops them all, each with its signal and grace; one that has ended by itself is stopped. The caller holds their locks. */
export async function stopAll(engine: EngineContext, containers: readonly Container[]): Promise<void> {
  await Promise.all(
    containers.map(async container => {
      try {
        await stopContainer(engine, container, {})
      } catch (error) {
        if (!(error instanceof Failure && error.code === 'CONTAINER_STOPPED')) throw error
      }
      await container.cleanup
    }),
  )
}

/** Starts them one after the other; one that does not start is a warning, for the others have to run. The caller holds their locks. */
export async function startAll(engine: EngineContext, containers: readonly Container[]): Promise<void> {
  for (const container of containers) {
    if (container.removing || container.live !== undefined) continue
    try {
      await startContainer(engine, container)
    } catch (error) {
      engine.warn({
        severity: 'warning',
        code: 'SNAPSHOT_START',
        summary: `${container.name} was stopped for a snapshot and does not start: ${messageOf(error)}`,
      })
    }
  }
}
