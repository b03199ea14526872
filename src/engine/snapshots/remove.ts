import type { EngineContext } from '../state/context.ts'
import { SNAPSHOTS_LOCK, sweepFrozen } from '../volumes/frozen.ts'

/** `DELETE /tscompose/snapshots/{project}/{name}`: what volumes, or other snapshots, stand on stays as long as they do. */
export function removeSnapshot(engine: EngineContext, project: string, name: string): Promise<void> {
  return engine.locks.run(SNAPSHOTS_LOCK, async () => {
    engine.snapshots.delete(engine.snapshots.resolve(project, name))
    await sweepFrozen(engine)
  })
}
