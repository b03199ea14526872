import type { Told } from './answers.ts'
import type { ContainerConfig } from './config.ts'
import type { ContainerInspect, ContainerState, Health, NetworkSettings } from './containers.ts'
import type { HostConfig } from './host-config.ts'
import type { ImageInspect } from './images.ts'
import type { NetworkInspect } from './networks.ts'
import type { VolumeInspect } from './volumes.ts'

/** Ours: what `POST /tscompose/snapshot` looks at. */
export interface SnapshotRequest {
  /** Containers in any state, networks and volumes that have all of these, as `label` filters a list. */
  readonly Labels: readonly string[]
  /** Further networks, by name or id, further volumes by name, and images by reference. */
  readonly Networks: readonly string[]
  readonly Volumes: readonly string[]
  readonly Images: readonly string[]
  /** That of an answer which the client has still. */
  readonly Tag?: string
  /** False: the kernel is not asked what has drifted. */
  readonly Drift?: boolean
  /**
   * True: of many containers the engine may answer before it has looked at the kernel, as if nothing had drifted (`Begun`). The same request with the tag of
   * that answer, over the same connection, is answered by what the look has found.
   */
  readonly Ahead?: boolean
}

/** What is told of a container's drift: what has been seen, that there is none, or nothing of it, and of what follows for plans. */
export type WantedDrift = 'seen' | 'none' | 'untold'

/** Ours: the answer is the one that the client has. */
export interface SameSnapshot {
  readonly Tag: string
}

/** Ours: what plans are made from of a container: as its inspect has it, and all that nobody plans by is left out, which is most of it. */
export interface PlannedContainer
  extends Pick<
    ContainerInspect,
    | 'Id'
    | 'Name'
    | 'Image'
    | 'Mounts'
    | 'TscomposeDrift'
    | 'TscomposeStaysInNetwork'
    | 'TscomposeAdapts'
    | 'TscomposeFixed'
    | 'TscomposeRelief'
    | 'TscomposeMended'
    | 'TscomposeInjected'
  > {
  readonly State: Pick<ContainerState, 'Status' | 'ExitCode'> & { readonly Health?: Pick<Health, 'Status'> }
  readonly Config: Partial<Pick<Told<ContainerConfig>, 'Labels' | 'Env' | 'Healthcheck'>>
  readonly HostConfig: Partial<Pick<Told<HostConfig>, PlannedHostField>>
  readonly NetworkSettings: Pick<NetworkSettings, 'Networks' | 'Ports'>
}

export type PlannedHostField =
  | 'Annotations'
  | 'AutoRemove'
  | 'IpcMode'
  | 'Links'
  | 'NetworkMode'
  | 'PidMode'
  | 'PortBindings'
  | 'TscomposeBudget'
  | 'TscomposeEgress'
  | 'TscomposeHostAccess'
  | 'TscomposePublish'
  | 'TscomposeSleep'
  | 'UTSMode'
  | 'VolumesFrom'

/** Ours: each thing as its inspect has it, containers (what plans read of it) and networks with their drift; what was named and is not there is left out. */
export interface Snapshot {
  /** Another one where anything of the rest is another. */
  readonly Tag: string
  /** The kernel is being looked at: what has drifted is told to who asks again. */
  readonly Begun?: true
  readonly Containers: readonly PlannedContainer[]
  readonly Networks: readonly NetworkInspect[]
  readonly Volumes: readonly VolumeInspect[]
  /** By the reference that was asked for. */
  readonly Images: Readonly<Record<string, ImageInspect>>
  /** Those that the engine was told by `projectNames`, of the project that was asked for; absent: it was told none. */
  readonly Names?: readonly string[]
}

/** Ours: what a snapshot tells. */
export type SnapshotContents = Omit<Snapshot, 'Tag' | 'Begun'>

/** Ours: what services of a project's file are called that have no container. */
export interface ProjectNamesRequest {
  readonly Names: readonly string[]
}
