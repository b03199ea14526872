import type { KernelStir, MendedThing } from '../../api/types/index.ts'
import type { Diagnostic } from '../../diagnostics/index.ts'
import type { ImageStore } from '../../image/index.ts'
import type { KeyedMutex } from '../../linux/keyed-mutex.ts'
import type { Turns } from '../../linux/turns.ts'
import type { Native, SetupOp } from '../../native/index.ts'
import type { Firewall, PortRequest, Shortcut } from '../../network/index.ts'
import type { EventBus } from '../events/bus.ts'
import type { UserDatabases } from '../rootfs/user-databases.ts'
import type { Host } from '../runtime/index.ts'
import type { Container } from './container.ts'
import type { ContainerTable } from './container-table.ts'
import type { Holds } from './holds.ts'
import type { Makers } from './makers.ts'
import type { NetworkTable } from './network-table.ts'
import type { EnginePaths } from './paths.ts'
import type { SnapshotTable } from './snapshot-table.ts'
import type { Unfinished } from './unfinished.ts'
import type { UserNamespaceTable } from './user-namespaces.ts'
import type { VolumeTable } from './volume-table.ts'

/** The names files on disk, which the relays read; src/engine/names writes them. */
export interface NamesFiles {
  /**
   * Resolves when the names files of these networks tell the state of this moment, and with them those of the containers
   * there that have links. An id of a container stands for its own file.
   */
  update(ids: readonly string[]): Promise<void>
  /** What the file of a network should say now. */
  textOf(networkId: string): string
  /** Removes the file of a network that goes; updates that come later, for containers that go too, write nothing. */
  remove(networkId: string): Promise<void>
  /** The network stays after all. */
  keep(networkId: string): void
  /** The service of this container, which is gone, is none of its project's any more: the next update leaves out its name. */
  forget(container: Pick<Container, 'record'>): void
  /** Services of the project's file that have no container are called so: these names are its own, too, until others are told, or nothing of it is left. */
  tell(project: string, names: readonly string[]): Promise<void>
  /** What was told last; undefined: none. */
  told(project: string): readonly string[] | undefined
  /** Removes the files of projects of which nothing runs any more, which an engine that was killed has left. */
  sweep(): Promise<void>
}

/** Looks at the kernel (src/engine/kernel/looks.ts). */
export interface KernelLooks {
  /** What operations gave that list something, in their order; undefined where one of them failed. The same value for the same operations of one moment. */
  ask(ops: readonly SetupOp[]): Promise<readonly Buffer[] | undefined>
  /**
   * Resolves when it is a further one's turn to ask: of many at once the kernel is looked at for the first while the rest put together what they ask. By
   * what it resolves to is asked for what concerns them all, which is looked at once for them.
   */
  turn(): Promise<Pick<KernelLooks, 'ask'>>
  /** Resolves when all that was asked for, and who waits for his turn will ask for, is with the native program. */
  handedOver(): Promise<void>
}

/** What may have changed in the kernel of a project: something of networks, a file or group, what was put right, or nobody knows. */
export type Stir = KernelStir['Of']

/** Who hears of changes in the kernel (src/engine/kernel/watch.ts). */
export interface KernelWatch {
  /** Gives something each time that a project's drift may have changed; the first at once. Ends when the signal is aborted. */
  follow(project: string, signal: AbortSignal): AsyncIterable<KernelStir>
  /** Tells whoever follows the project of what was put right. */
  mended(project: string, thing: MendedThing): void
}

/** A port of a container at the name of its instance below localhost. */
export interface NamedPort {
  readonly name: string
  readonly port: number
  /** `taken`: another program has the port at localhost; `given up`: another container of ours has it, or is about to. */
  readonly state: 'answers' | 'taken' | 'given up'
}

/** Names of instances at localhost (src/engine/front). */
export interface LocalNames {
  /** Resolves when names lead where containers publish at this moment. What fails is a warning. */
  follow(): Promise<void>
  /** The same for ports that were another's when they were last tried. */
  tryAgain(): Promise<void>
  /** Does what may give a container these ports, and lets go of them at localhost before. */
  giveWay<T>(requests: readonly PortRequest[], task: () => Promise<T>): Promise<T>
  /** What of a container's ports has a name, and whether it answers. */
  portsOf(container: Pick<Container, 'record' | 'published'>): readonly NamedPort[]
  /** The process that answers, where it has said anything yet. */
  readonly pid: number | undefined
  /** Lets go of that process, which goes on. */
  close(): void
}

/** What the engine's functions work with; made once by `openEngine`. */
export interface EngineContext {
  readonly paths: EnginePaths
  readonly version: string
  /** RFC 3339; absent where it runs from its sources. */
  readonly buildTime?: string
  readonly native: Native
  readonly host: Host
  readonly looks: KernelLooks
  readonly watch: KernelWatch
  readonly images: ImageStore
  readonly containers: ContainerTable
  readonly networks: NetworkTable
  readonly volumes: VolumeTable
  readonly snapshots: SnapshotTable
  readonly firewall: Pick<Firewall, 'apply' | 'close' | 'endFlowsOf'>
  readonly shortcut: Pick<Shortcut, 'attached'>
  readonly localNames: LocalNames
  readonly names: NamesFiles
  readonly users: UserDatabases
  readonly userNamespaces: UserNamespaceTable
  readonly events: EventBus
  readonly holds: Holds
  readonly makers: Makers
  readonly unfinished: Unfinished
  /** When containers are made and started of which many are asked for. */
  readonly turns: Turns
  /** One task a container at a time, by id; a network or volume by `network:<id>`, `volume:<name>`. */
  readonly locks: KeyedMutex
  /** Aborted when the engine lets go of everything. */
  readonly closing: AbortSignal
  /** Something that went wrong without stopping anything. */
  readonly warn: (warning: Diagnostic) => void
}
