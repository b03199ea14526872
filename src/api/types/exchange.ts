import type { PathStat } from './archive.ts'
import type { BuildContextAnswer, BuildPruneResponse } from './build.ts'
import type { Checkpoint, CheckpointCreateRequest } from './checkpoints.ts'
import type { ContainerConfig } from './config.ts'
import type {
  ContainerCreateRequest,
  ContainerCreateResponse,
  ContainerInspect,
  ContainerPruneResponse,
  ContainerStopResult,
  ContainerSummary,
  ContainerTopResponse,
  ContainerUpdateRequest,
  ContainerUpdateResponse,
  ContainerWaitResponse,
  FilesystemChange,
} from './containers.ts'
import type { DnsLogEntry } from './dns-log.ts'
import type { KernelStir, RepairRequest } from './drift.ts'
import type {
  ExecCreateRequest,
  ExecCreateResponse,
  ExecInRequest,
  ExecInspect,
  ExecStartRequest,
} from './exec.ts'
import type {
  AuthConfig,
  AuthResponse,
  DistributionInspect,
  ImageCommitResponse,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneResponse,
  ImageSearchItem,
  ImageSummary,
} from './images.ts'
import type {
  NetworkConnectRequest,
  NetworkCreateRequest,
  NetworkCreateResponse,
  NetworkDisconnectRequest,
  NetworkInspect,
  NetworkPruneResponse,
} from './networks.ts'
import type { PluginInspect, PluginPrivilege } from './plugins.ts'
import type { Refusal } from './refused.ts'
import type {
  SavedSnapshot,
  SnapshotOutcome,
  SnapshotRestoreRequest,
  SnapshotSaveRequest,
} from './saved-snapshot.ts'
import type {
  ServiceCreateResponse,
  ServiceInspect,
  ServiceSpec,
  ServiceUpdateResponse,
  TaskInspect,
} from './services.ts'
import type { ProjectNamesRequest, SameSnapshot, Snapshot, SnapshotRequest } from './snapshot.ts'
import type { ContainerStats, LabelledStats } from './stats.ts'
import type { ProgressMessage } from './streams.ts'
import type {
  ConfigInspect,
  ConfigSpec,
  NodeInspect,
  NodeSpec,
  SecretInspect,
  SecretSpec,
  SwarmInitRequest,
  SwarmInspect,
  SwarmJoinRequest,
  SwarmObjectCreated,
  SwarmSpec,
} from './swarm.ts'
import type { DiskUsageResponse, EventMessage, InfoResponse, VersionResponse } from './system.ts'
import type { TraceAnswer } from './trace.ts'
import type {
  VolumeCreateRequest,
  VolumeInspect,
  VolumeListResponse,
  VolumePruneResponse,
} from './volumes.ts'

/** Bodies of requests, by route; a route that is not here has none (or a tar). */
export interface RequestBodies {
  readonly containerCreate: ContainerCreateRequest
  readonly containerUpdate: ContainerUpdateRequest
  readonly containerCommit: ContainerConfig
  readonly execCreate: ExecCreateRequest
  readonly execIn: ExecInRequest
  readonly execStart: ExecStartRequest
  readonly networkCreate: NetworkCreateRequest
  readonly networkConnect: NetworkConnectRequest
  readonly networkDisconnect: NetworkDisconnectRequest
  readonly volumeCreate: VolumeCreateRequest
  readonly containerRepair: RepairRequest
  readonly networkRepair: RepairRequest
  readonly projectNames: ProjectNamesRequest
  readonly snapshot: SnapshotRequest
  readonly savedSave: SnapshotSaveRequest
  readonly savedRestore: SnapshotRestoreRequest
  readonly auth: AuthConfig
  readonly checkpointCreate: CheckpointCreateRequest
  readonly swarmInit: SwarmInitRequest
  readonly swarmJoin: SwarmJoinRequest
  readonly swarmUpdate: SwarmSpec
  readonly nodeUpdate: NodeSpec
  readonly serviceCreate: ServiceSpec
  readonly serviceUpdate: ServiceSpec
  readonly secretCreate: SecretSpec
  readonly secretUpdate: SecretSpec
  readonly configCreate: ConfigSpec
  readonly configUpdate: ConfigSpec
}

/** The value that a route answers with, or each value of its stream. */
export interface Results {
  readonly ping: string
  readonly pingHead: string
  readonly version: VersionResponse
  readonly info: InfoResponse
  readonly events: EventMessage
  readonly diskUsage: DiskUsageResponse
  readonly containerCreate: ContainerCreateResponse
  readonly containerMaker: never
  readonly containerList: readonly ContainerSummary[]
  readonly containerPrune: ContainerPruneResponse
  readonly containerInspect: ContainerInspect
  readonly containerTop: ContainerTopResponse
  readonly containerChanges: readonly FilesystemChange[]
  readonly containerStats: ContainerStats
  readonly statsOfAll: readonly LabelledStats[]
  readonly containerDnsLog: DnsLogEntry
  readonly kernelStirs: KernelStir
  readonly containerRefused: readonly Refusal[]
  readonly snapshot: Snapshot | SameSnapshot
  readonly savedList: readonly SavedSnapshot[]
  readonly savedSave: SnapshotOutcome
  readonly savedRestore: SnapshotOutcome
  readonly traceEnd: TraceAnswer
  readonly containerStop: ContainerStopResult | undefined
  readonly containerUpdate: ContainerUpdateResponse
  readonly containerWait: ContainerWaitResponse
  readonly execCreate: ExecCreateResponse
  readonly execInspect: ExecInspect
  readonly imageList: readonly ImageSummary[]
  readonly imagePull: ProgressMessage
  readonly imageSearch: readonly ImageSearchItem[]
  readonly auth: AuthResponse
  readonly distributionInspect: DistributionInspect
  readonly imageLoad: ProgressMessage
  readonly containerCommit: ImageCommitResponse
  readonly imagePrune: ImagePruneResponse
  readonly imageInspect: ImageInspect
  readonly imageHistory: readonly ImageHistoryItem[]
  readonly imageStat: readonly (PathStat | null)[]
  readonly imagePush: ProgressMessage
  readonly imageRemove: readonly ImageDeleteItem[]
  readonly build: ProgressMessage
  readonly buildContext: BuildContextAnswer
  readonly buildPrune: BuildPruneResponse
  readonly networkList: readonly NetworkInspect[]
  readonly networkCreate: NetworkCreateResponse
  readonly networkPrune: NetworkPruneResponse
  readonly networkInspect: NetworkInspect
  readonly volumeList: VolumeListResponse
  readonly volumeCreate: VolumeInspect
  readonly volumePrune: VolumePruneResponse
  readonly volumeInspect: VolumeInspect
  readonly checkpointList: readonly Checkpoint[]
  readonly swarmInspect: SwarmInspect
  /** The id of the node that the engine has become. */
  readonly swarmInit: string
  readonly nodeList: readonly NodeInspect[]
  readonly nodeInspect: NodeInspect
  readonly serviceList: readonly ServiceInspect[]
  readonly serviceCreate: ServiceCreateResponse
  readonly serviceInspect: ServiceInspect
  readonly serviceUpdate: ServiceUpdateResponse
  readonly taskList: readonly TaskInspect[]
  readonly taskInspect: TaskInspect
  readonly secretList: readonly SecretInspect[]
  readonly secretCreate: SwarmObjectCreated
  readonly secretInspect: SecretInspect
  readonly configList: readonly ConfigInspect[]
  readonly configCreate: SwarmObjectCreated
  readonly configInspect: ConfigInspect
  readonly pluginList: readonly PluginInspect[]
  readonly pluginInspect: PluginInspect
  readonly pluginPrivileges: readonly PluginPrivilege[]
  readonly pluginPull: ProgressMessage
  readonly pluginRemove: PluginInspect
}
