/** ROOT/snapshots/<project>/<name>.json: the data of a project at one moment. */
export interface SnapshotRecord {
  readonly version: 1
  readonly project: string
  readonly name: string
  /** RFC 3339. */
  readonly created: string
  /** Of the project's files, as who saved it has told. */
  readonly folder?: string
  readonly volumes: readonly SavedVolume[]
  readonly roots: readonly SavedRoot[]
}

/** What a volume held. */
export interface SavedVolume {
  /** What it is to the project, whatever its name: the file's key, or for one without a name `service/number:/place`. */
  readonly key: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Ids of frozen folders, top first: several are the layers of an overlay. */
  readonly folders: readonly string[]
}

/** What a container had written into its own files. */
export interface SavedRoot {
  readonly service: string
  readonly number: string
  /** Diff ids of the layers that it had written over, top first: above others it would mean nothing. */
  readonly layers: readonly string[]
  readonly folder: string
}

/** All frozen folders that a snapshot is made of. */
export function foldersOf({ volumes, roots }: SnapshotRecord): string[] {
  return [...volumes.flatMap(({ folders }) => folders), ...roots.map(({ folder }) => folder)]
}
