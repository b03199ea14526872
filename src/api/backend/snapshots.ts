import type {
  SavedSnapshot,
  SnapshotOutcome,
  SnapshotRestoreRequest,
  SnapshotSaveRequest,
} from '../types/index.ts'

/** What the routes of snapshots need of an engine. */
export interface SnapshotBackend {
  /** Of a project, or of all; the oldest first. */
  list(project: string | undefined): Promise<readonly SavedSnapshot[]>
  save(request: SnapshotSaveRequest): Promise<SnapshotOutcome>
  restore(request: SnapshotRestoreRequest): Promise<SnapshotOutcome>
  remove(project: string, name: string): Promise<void>
}
