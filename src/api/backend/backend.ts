import type { BuildBackend } from './builds.ts'
import type { ContainerBackend } from './containers.ts'
import type { ExecBackend } from './exec.ts'
import type { ImageArchiveBackend } from './image-archives.ts'
import type { ImageBackend } from './images.ts'
import type { NetworkBackend } from './networks.ts'
import type { SnapshotBackend } from './snapshots.ts'
import type { SystemBackend } from './system.ts'
import type { VolumeBackend } from './volumes.ts'

/** All that the server needs of an engine. */
export interface Backend {
  readonly containers: ContainerBackend
  readonly exec: ExecBackend
  readonly images: ImageBackend
  readonly imageArchives: ImageArchiveBackend
  readonly build: BuildBackend
  readonly networks: NetworkBackend
  readonly volumes: VolumeBackend
  readonly snapshots: SnapshotBackend
  readonly system: SystemBackend
}
