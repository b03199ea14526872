import type {
  ContainerConfig,
  ContainerUpdateRequest,
  HostConfig,
  MountType,
  OomReport,
} from '../../api/types/index.ts'
import type { Diagnostic } from '../../diagnostics/index.ts'
import type { PublishedPort } from '../../network/index.ts'
import type { Labels } from '../security/selinux/index.ts'
import type { KeptHealth } from './health-state.ts'
import type { RunIds } from './user-namespaces.ts'

/**
 * ROOT/containers/<id>/record.json: what `create` was given, completed by the image and by what the engine decided.
 * What a running container does (pid, exit, restarts) is its monitor's to tell, in the status file beside it.
 */
export interface ContainerRecord {
  readonly version: 1
  readonly id: string
  /** Without the leading slash; changed by `rename`. */
  readonly name: string
  /** RFC 3339. */
  readonly created: string
  /** `sha256:…` of the image that it was created from. */
  readonly imageId: string
  /** Merged with the image's; `Image` as the caller wrote it. */
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
  /** What an update may change of it, as the container was made; absent before the first update. */
  readonly madeWith?: ContainerUpdateRequest
  /**
   * Fields in which an adaptation has begun to make what runs otherwise than this record says: cut off, the next engine puts them back. Absent
   * but for that moment.
   */
  readonly adapting?: readonly string[] | undefined
  /** What drifts of it the engine puts right as it goes (`up --repair`). */
  readonly mended?: true | undefined
  /** What the caller said of the files that it put in last, for itself to read again. */
  readonly injected?: string
  /** Files that it put in where something is mounted over their folders; each start mounts them there. */
  readonly overMounts?: readonly string[]
  /** Id of the container whose place it was made to take. */
  readonly replaces?: string
  /**
   * Where it was started beside that one: nobody knows of it yet (`waiting`), or it has that one's names and ports (`serving`), which is left with
   * those who are connected to it.
   */
  readonly relief?: 'waiting' | 'serving' | undefined
  /** Who was about to start it when it was made. */
  readonly maker?: string
  /** Of SELinux; absent where containers got none when it was made. */
  readonly labels?: Labels
  /** Command and its arguments, entrypoint included. */
  readonly argv: readonly string[]
  readonly mounts: readonly MountRecord[]
  /** In the order of their interfaces. Empty with network mode host, none and container. */
  readonly endpoints: readonly EndpointRecord[]
  /** What is published since the last start; random host ports are chosen anew at each start, as Docker does. */
  readonly ports: readonly PublishedPort[]
  readonly state: StateRecord
}

/**
 * ROOT/containers/<id>/state.json: the parts of the record that change at each run, newer than those in record.json
 * itself. Written without waiting for the disk: after a power cut the older ones do.
 */
export interface RunRecord extends Pick<ContainerRecord, 'endpoints' | 'ports' | 'state'> {
  readonly version: 1
}

/** The engine's part of the state: what outlives the monitor. */
export interface StateRecord {
  /** Why the last start failed; empty when it did not. */
  readonly error: string
  /** The same for who words it otherwise; stands beside an error alone. */
  readonly failure?: Pick<Diagnostic, 'code' | 'facts'>
  /** Exit code of a start that failed (126, 127, 128), or of the last run as the monitor told it. */
  readonly exitCode: number
  /** RFC 3339 with nanoseconds; absent when it never ran. */
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly health?: KeptHealth
  readonly oomKilled: boolean
  /** Of the last run that lost a process so. */
  readonly oom?: OomReport
  readonly restartCount: number
  /** Of them, those before the present monitor, which counts its own from 0. */
  readonly restartsBefore?: number
  /** A user stopped or killed it: `unless-stopped` and `on-failure` do not bring it back. */
  readonly manuallyStopped: boolean
  /** A commit or a snapshot has paused it, and lets it run on; where the engine has died over that, the next one does. */
  readonly pausedToCommit?: boolean
  /** Profile of the last start, or `unconfined`; empty where AppArmor was not there, absent when it never ran. */
  readonly apparmor?: string
  /** Labels of SELinux of its present or last run; absent where it had none. */
  readonly labels?: Labels | undefined
  /** Boot of the last start: with another boot nothing of it can still run. Absent when it never ran. */
  readonly bootId?: string
  /** Whose ids its present or last run had; absent when it never ran. */
  readonly ids?: RunIds
}

/** The state of a container that was never started. */
export const CREATED_STATE: StateRecord = {
  error: '',
  exitCode: 0,
  oomKilled: false,
  restartCount: 0,
  manuallyStopped: false,
}

/** One mount, decided at `create`; sources are absolute host paths. */
export interface MountRecord {
  readonly type: Extract<MountType, 'bind' | 'volume' | 'tmpfs' | 'image'>
  /** A volume's name. */
  readonly name?: string
  /** Empty for tmpfs; the image's id for an image. */
  readonly source: string
  readonly destination: string
  readonly readonly: boolean
  /** The options as they were written, for `inspect`. */
  readonly mode: string
  readonly propagation?: string
  readonly recursive?: boolean
  /** Of a read-only mount: what is mounted below it stays writable. */
  readonly writableBelow?: boolean
  /** Make a missing bind source (Binds' rule). */
  readonly createSource?: boolean
  /** Made for this container without a name: removed with it by `remove(volumes)`. */
  readonly anonymous?: boolean
  /** Do not fill an empty volume from the image. */
  readonly noCopy?: boolean
  readonly subpath?: string
  readonly tmpfs?: { readonly size?: number; readonly mode?: number; readonly options?: readonly string[] }
}

/** A container's place in a network; addresses stay from the first start to the removal or disconnect. */
export interface EndpointRecord {
  readonly networkId: string
  /** The network's name, kept so that an inspect works when the network is gone. */
  readonly networkName: string
  readonly endpointId: string
  readonly interfaceName: string
  /** Empty before the first start unless it was asked for. */
  readonly macAddress: string
  /** With prefix lengths; empty before the first start unless fixed addresses were asked for. */
  readonly addresses: readonly string[]
  /**
   * Those of the first of the containers that were relieved one after the other, with prefix lengths: this one has them besides, and by these others know it.
   * Absent of one that has relieved nobody.
   */
  readonly kept?: readonly string[]
  readonly aliases: readonly string[]
  /** `name:alias`: what this container alone calls others on the network. */
  readonly links?: readonly string[]
  readonly gwPriority: number
  readonly driverOpts: Readonly<Record<string, string>>
  readonly wanted: {
    readonly ipv4?: string
    readonly ipv6?: string
    readonly linkLocal?: readonly string[]
    readonly macAddress?: string
  }
}
