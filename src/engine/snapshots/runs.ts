import type { NotStarted, SnapshotOutcome } from '../../api/types/index.ts'
import { Failure, messageOf } from '../../diagnostics/index.ts'
import { pauseContainer } from '../containers/pause.ts'
import { stopContainer } from '../containers/stop.ts'
import { startContainer } from '../containers/supervise.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { usesVolume } from '../state/uses.ts'
import type { VolumeRecord } from '../state/volume-record.ts'

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

/** Who is about to be stopped, as an intent has it: after the stop nobody can tell any more who of them was paused. */
export function haltOf(containers: readonly Container[]): {
  readonly stopped: readonly string[]
  readonly paused: readonly string[]
} {
  const idsOf = (some: readonly Container[]): string[] => some.map(({ id }) => id)
  return { stopped: idsOf(containers), paused: idsOf(containers.filter(({ paused }) => paused)) }
}

/** Volumes of theirs that are file systems of their own, which no snapshot has: a tmpfs would be empty when its last user has been stopped. */
export function ownFileSystems(
  { volumes }: Pick<EngineContext, 'volumes'>,
  containers: readonly Container[],
): VolumeRecord[] {
  return volumes
    .values()
    .filter(({ base, name }) => base === undefined && containers.some(each => usesVolume(each, name)))
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

/**
 * Starts them one after the other, and has those stand still that are named as paused; answers who does not start, which is a warning, for the others have to
 * run. The caller holds their locks.
 */
export async function startAll(
  engine: EngineContext,
  containers: readonly Container[],
  paused: readonly string[] = [],
): Promise<NotStarted[]> {
  const down: NotStarted[] = []
  for (const container of containers) {
    if (container.removing) continue
    try {
      if (container.live === undefined) await startContainer(engine, container)
      const isToPause = paused.includes(container.id) && container.running && !container.paused
      if (isToPause) await pauseContainer(engine, container)
    } catch (error) {
      const Problem = messageOf(error)
      down.push({ Name: container.name, Problem })
      engine.warn({
        severity: 'warning',
        code: 'SNAPSHOT_START',
        summary: `${container.name} was stopped for a snapshot and does not start: ${Problem}`,
      })
    }
  }
  return down
}

/** What became of containers that were stopped for a snapshot. */
export function runAgain(
  stopped: readonly Container[],
  down: readonly NotStarted[],
): Pick<SnapshotOutcome, 'Restarted' | 'Down'> {
  const names = stopped.map(({ name }) => name)
  return { Restarted: names.filter(name => !down.some(each => each.Name === name)), Down: down }
}
