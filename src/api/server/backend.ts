import type { BuildBackend } from './builds/backend.ts'
import type { ContainerBackend } from './containers/backend.ts'
import type { ExecBackend } from './exec/backend.ts'
import type { ImageBackend } from './images/backend.ts'
import type { NetworkBackend } from './networks/backend.ts'
import type { SystemBackend } from './system/backend.ts'
import type { VolumeBackend } from './volumes/backend.ts'

/** All that the server needs of an engine; the engine satisfies it by its shape, without importing it. */
export interface Backend {
  readonly containers: ContainerBackend
  readonly exec: ExecBackend
  readonly images: ImageBackend
  readonly build: BuildBackend
  readonly networks: NetworkBackend
  readonly volumes: VolumeBackend
  readonly system: SystemBackend
}
