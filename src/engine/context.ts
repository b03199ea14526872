import type { Diagnostic } from '../diagnostics/index.ts'
import type { ImageStore } from '../image/index.ts'
import type { KeyedMutex } from '../linux/keyed-mutex.ts'
import type { Native } from '../native/index.ts'
import type { Firewall } from '../network/index.ts'
import type { Container, Live } from './containers/container.ts'
import type { ContainerRegistry } from './containers/registry.ts'
import type { UserDatabases } from './containers/user-databases.ts'
import type { EventBus } from './events/bus.ts'
import type { Holds } from './holds.ts'
import type { NamesWriter } from './networks/names-writer.ts'
import type { NetworkRegistry } from './networks/registry.ts'
import type { EnginePaths } from './paths.ts'
import type { Host } from './runtime/index.ts'
import type { VolumeRegistry } from './volumes/registry.ts'

/** What the engine's functions work with; made once by `openEngine`. */
export interface EngineContext {
  readonly paths: EnginePaths
  readonly version: string
  readonly native: Native
  readonly host: Host
  readonly images: ImageStore
  readonly containers: ContainerRegistry
  readonly networks: NetworkRegistry
  readonly volumes: VolumeRegistry
  readonly firewall: Pick<Firewall, 'apply' | 'repair'>
  readonly names: NamesWriter
  readonly users: UserDatabases
  readonly events: EventBus
  readonly holds: Holds
  /** One task a container at a time, by id; a network or volume by `network:<id>`, `volume:<name>`. */
  readonly locks: KeyedMutex
  /** A monitor went away without having told an end; see adopt/recover.ts. Here, since recovering may start it again. */
  readonly monitorLost: (container: Container, live: Live) => void
  /** Aborted when the engine lets go of everything. */
  readonly closing: AbortSignal
  /** Something that went wrong without stopping anything. */
  readonly warn: (warning: Diagnostic) => void
}
