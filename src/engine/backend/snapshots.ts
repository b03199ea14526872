import type { SnapshotBackend } from '../../api/backend/snapshots.ts'
import type {
  SavedSnapshot,
  SnapshotOutcome,
  SnapshotRestoreRequest,
  SnapshotSaveRequest,
} from '../../api/types/index.ts'
import { removeSnapshot } from '../snapshots/remove.ts'
import { renderSnapshot } from '../snapshots/render.ts'
import { restoreSnapshot } from '../snapshots/restore.ts'
import { saveSnapshot } from '../snapshots/save.ts'
import type { EngineContext } from '../state/context.ts'

/** Snapshots of projects' data. */
export class Snapshots implements SnapshotBackend {
  readonly #engine: EngineContext

  constructor(engine: EngineContext) {
    this.#engine = engine
  }

  async list(project: string | undefined): Promise<readonly SavedSnapshot[]> {
    const found = this.#engine.snapshots
      .values()
      .filter(each => project === undefined || each.project === project)
      .sort((a, b) => (a.created < b.created ? -1 : 1))
    return await Promise.all(found.map(each => renderSnapshot(this.#engine, each)))
  }

  save(request: SnapshotSaveRequest): Promise<SnapshotOutcome> {
    return saveSnapshot(this.#engine, request)
  }

  restore(request: SnapshotRestoreRequest): Promise<SnapshotOutcome> {
    return restoreSnapshot(this.#engine, request)
  }

  remove(project: string, name: string): Promise<void> {
    return removeSnapshot(this.#engine, project, name)
  }
}
