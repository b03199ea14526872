/** Ours: the data of a project at one moment, of `GET /tscompose/snapshots`. */
export interface SavedSnapshot {
  readonly Project: string
  readonly Name: string
  /** RFC 3339. */
  readonly Created: string
  /** Folder of the project's files, where who saved it told that. */
  readonly Folder?: string
  /** By what they are in the file. */
  readonly Volumes: readonly string[]
  /** Containers whose own files are in it: `service/number`. */
  readonly Roots: readonly string[]
  /** Bytes on disk of all that it is made of; volumes that stand on it, and other snapshots, may have some of it in common. */
  readonly Size: number
}

/** Ours: body of `POST /tscompose/snapshots`. */
export interface SnapshotSaveRequest {
  readonly Project: string
  readonly Name: string
  readonly Folder?: string | undefined
}

/** Ours: body of `POST /tscompose/snapshots/restore`. */
export interface SnapshotRestoreRequest {
  readonly Project: string
  readonly Name: string
  /** Another project that gets the data; absent: the one that it was saved of. */
  readonly To?: string | undefined
}

/** Ours: what a project uses and no snapshot has. */
export interface LeftOut {
  /** Files of the host; memory; a file system of its own; a volume of no or another project; what the project, or the snapshot, does not have; other layers than then. */
  readonly Kind: 'bind' | 'tmpfs' | 'filesystem' | 'external' | 'missing' | 'image'
  readonly Name: string
}

/** Ours: a container that was stopped for a snapshot and does not start, and why. */
export interface NotStarted {
  readonly Name: string
  readonly Problem: string
}

/** Ours: what came of a save or a restore. */
export interface SnapshotOutcome {
  readonly Snapshot: SavedSnapshot
  readonly Left: readonly LeftOut[]
  /** Names of containers that were stopped for it and run again. */
  readonly Restarted: readonly string[]
  /** Those that do not start again. Absent: of an engine before it could tell. */
  readonly Down?: readonly NotStarted[]
  /** Milliseconds for which the others were frozen. */
  readonly Frozen: number
}
