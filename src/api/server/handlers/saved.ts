import type { SnapshotBackend } from '../../backend/snapshots.ts'
import type { SnapshotRestoreRequest, SnapshotSaveRequest } from '../../types/index.ts'
import { takeShape } from '../decode/shape.ts'
import { SNAPSHOT_RESTORE, SNAPSHOT_SAVE } from '../decode/shapes.ts'
import type { Handlers } from '../handler.ts'

/** Ours: snapshots of projects' data. */
export function savedHandlers(
  backend: SnapshotBackend,
): Handlers<'savedList' | 'savedSave' | 'savedRestore' | 'savedRemove'> {
  return {
    savedList: ({ query }) => backend.list(query.project || undefined),
    savedSave: async ({ body }) => {
      const taken = takeShape<Partial<SnapshotSaveRequest>>(SNAPSHOT_SAVE, body).body
      const { Project = '', Name = '', Folder } = taken
      return backend.save({ Project, Name, ...(Folder ? { Folder } : {}) })
    },
    savedRestore: async ({ body }) => {
      const taken = takeShape<Partial<SnapshotRestoreRequest>>(SNAPSHOT_RESTORE, body).body
      const { Project = '', Name = '', To } = taken
      return backend.restore({ Project, Name, ...(To ? { To } : {}) })
    },
    savedRemove: ({ params }) => backend.remove(params.project, params.name).then(() => undefined),
  }
}
