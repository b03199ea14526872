import type { RouteName } from '../../routes.ts'
import type {
  AuthConfig,
  ContainerConfig,
  ContainerCreateRequest,
  ContainerUpdateRequest,
  EndpointSettings,
  ExecCreateRequest,
  ExecInRequest,
  ExecStartRequest,
  HealthConfig,
  HostConfig,
  Mount,
  NetworkConnectRequest,
  NetworkCreateRequest,
  NetworkDisconnectRequest,
  ProjectNamesRequest,
  RepairRequest,
  Resources,
  SnapshotRequest,
  SnapshotRestoreRequest,
  SnapshotSaveRequest,
  VolumeCreateRequest,
} from '../../types/index.ts'
import { type Shape, type ShapeOf, takeShape } from './shape.ts'

const HEALTH: ShapeOf<HealthConfig> = {
  Test: 'texts',
  Interval: 'number',
  Timeout: 'number',
  StartPeriod: 'number',
  StartInterval: 'number',
  Retries: 'number',
}

/** What a container's own configuration has. */
export const CONFIG: ShapeOf<ContainerConfig> = {
  Hostname: 'text',
  Domainname: 'text',
  User: 'text',
  AttachStdin: 'flag',
  AttachStdout: 'flag',
  AttachStderr: 'flag',
  ExposedPorts: 'keys',
  Tty: 'flag',
  OpenStdin: 'flag',
  StdinOnce: 'flag',
  Env: 'texts',
  Cmd: 'texts',
  Healthcheck: { object: HEALTH },
  ArgsEscaped: 'flag',
  Image: 'text',
  Volumes: 'keys',
  WorkingDir: 'text',
  Entrypoint: 'texts',
  NetworkDisabled: 'flag',
  MacAddress: 'text',
  OnBuild: 'texts',
  Labels: 'labels',
  StopSignal: 'text',
  StopTimeout: 'number',
  Shell: 'texts',
}

const WEIGHTS = { list: { Path: 'text', Weight: 'uint16' } } as const
const RATES = { list: { Path: 'text', Rate: 'uint64' } } as const

const RESOURCES: ShapeOf<Resources> = {
  CpuShares: 'number',
  Memory: 'number',
  NanoCpus: 'number',
  CgroupParent: 'text',
  BlkioWeight: 'uint16',
  BlkioWeightDevice: WEIGHTS,
  BlkioDeviceReadBps: RATES,
  BlkioDeviceWriteBps: RATES,
  BlkioDeviceReadIOps: RATES,
  BlkioDeviceWriteIOps: RATES,
  CpuPeriod: 'number',
  CpuQuota: 'number',
  CpuRealtimePeriod: 'number',
  CpuRealtimeRuntime: 'number',
  CpusetCpus: 'text',
  CpusetMems: 'text',
  Devices: { list: { PathOnHost: 'text', PathInContainer: 'text', CgroupPermissions: 'text' } },
  DeviceCgroupRules: 'texts',
  DeviceRequests: {
    list: { Driver: 'text', Count: 'number', DeviceIDs: 'texts', Capabilities: 'words', Options: 'labels' },
  },
  KernelMemoryTCP: 'number',
  MemoryReservation: 'number',
  MemorySwap: 'number',
  MemorySwappiness: 'number',
  OomKillDisable: 'flag',
  PidsLimit: 'number',
  Ulimits: { list: { Name: 'text', Soft: 'number', Hard: 'number' } },
  CpuCount: 'number',
  CpuPercent: 'number',
  IOMaximumIOps: 'number',
  IOMaximumBandwidth: 'number',
  TscomposeBudget: {
    object: { Name: 'text', Memory: 'number', NanoCpus: 'number', PidsLimit: 'number' },
  },
}

const RESTART_POLICY = {
  object: { Name: 'text', MaximumRetryCount: 'number', TscomposeUnhealthy: 'flag' },
} as const

const MOUNT: ShapeOf<Mount> = {
  Type: 'text',
  Source: 'text',
  Target: 'text',
  ReadOnly: 'flag',
  Consistency: 'text',
  BindOptions: {
    object: {
      Propagation: 'text',
      NonRecursive: 'flag',
      CreateMountpoint: 'flag',
      ReadOnlyNonRecursive: 'flag',
      ReadOnlyForceRecursive: 'flag',
    },
  },
  VolumeOptions: {
    object: {
      NoCopy: 'flag',
      Labels: 'labels',
      DriverConfig: { object: { Name: 'text', Options: 'labels' } },
      Subpath: 'text',
    },
  },
  ImageOptions: { object: { Subpath: 'text' } },
  TmpfsOptions: { object: { SizeBytes: 'number', Mode: 'uint32', Options: 'words' } },
}

const HOST_CONFIG: ShapeOf<HostConfig> = {
  ...RESOURCES,
  Binds: 'texts',
  ContainerIDFile: 'text',
  LogConfig: { object: { Type: 'text', Config: 'labels' } },
  NetworkMode: 'text',
  PortBindings: { lists: { HostIp: 'text', HostPort: 'text' } },
  RestartPolicy: RESTART_POLICY,
  AutoRemove: 'flag',
  VolumeDriver: 'text',
  VolumesFrom: 'texts',
  TscomposePublish: 'text',
  TscomposeEgress: 'texts',
  TscomposeHostAccess: 'flag',
  TscomposeSleep: { object: { Freeze: 'number', Stop: 'number' } },
  TscomposeBindOwner: { object: { Uid: 'number', Gid: 'number', OwnAlone: 'flag' } },
  Mounts: { list: MOUNT },
  ConsoleSize: 'sizes',
  Annotations: 'labels',
  CapAdd: 'texts',
  CapDrop: 'texts',
  CgroupnsMode: 'text',
  Dns: 'texts',
  DnsOptions: 'texts',
  DnsSearch: 'texts',
  ExtraHosts: 'texts',
  GroupAdd: 'texts',
  IpcMode: 'text',
  Cgroup: 'text',
  Links: 'texts',
  OomScoreAdj: 'number',
  PidMode: 'text',
  Privileged: 'flag',
  PublishAllPorts: 'flag',
  ReadonlyRootfs: 'flag',
  SecurityOpt: 'texts',
  StorageOpt: 'labels',
  Tmpfs: 'labels',
  UTSMode: 'text',
  UsernsMode: 'text',
  ShmSize: 'number',
  Sysctls: 'labels',
  Runtime: 'text',
  Isolation: 'text',
  MaskedPaths: 'texts',
  ReadonlyPaths: 'texts',
  Init: 'flag',
}

const ENDPOINT: ShapeOf<EndpointSettings> = {
  IPAMConfig: { object: { IPv4Address: 'text', IPv6Address: 'text', LinkLocalIPs: 'texts' } },
  Links: 'texts',
  MacAddress: 'text',
  Aliases: 'texts',
  DriverOpts: 'labels',
  GwPriority: 'number',
  NetworkID: 'text',
  EndpointID: 'text',
  Gateway: 'text',
  IPAddress: 'text',
  IPPrefixLen: 'number',
  IPv6Gateway: 'text',
  GlobalIPv6Address: 'text',
  GlobalIPv6PrefixLen: 'number',
  DNSNames: 'texts',
}

/** `POST /containers/create`. */
export const CONTAINER_CREATE: ShapeOf<ContainerCreateRequest> = {
  ...CONFIG,
  HostConfig: { object: HOST_CONFIG },
  NetworkingConfig: { object: { EndpointsConfig: { map: ENDPOINT } } },
}

/** `POST /containers/{id}/update`. */
export const CONTAINER_UPDATE: ShapeOf<ContainerUpdateRequest> = {
  ...RESOURCES,
  RestartPolicy: RESTART_POLICY,
  TscomposeAdapt: {
    object: {
      Fields: 'texts',
      Config: { object: CONFIG },
      HostConfig: { object: HOST_CONFIG },
      EndpointsConfig: { map: ENDPOINT },
    },
  },
}

/** `POST /containers/{id}/exec`. */
export const EXEC_CREATE: ShapeOf<ExecCreateRequest> = {
  User: 'text',
  Privileged: 'flag',
  Tty: 'flag',
  ConsoleSize: 'sizes',
  AttachStdin: 'flag',
  AttachStdout: 'flag',
  AttachStderr: 'flag',
  DetachKeys: 'text',
  Env: 'texts',
  WorkingDir: 'text',
  Cmd: 'texts',
}

/** `POST /tscompose/exec`. */
export const EXEC_IN: ShapeOf<ExecInRequest> = { ...EXEC_CREATE, Labels: 'texts' }

/** `POST /exec/{id}/start`. */
export const EXEC_START: ShapeOf<ExecStartRequest> = {
  Detach: 'flag',
  Tty: 'flag',
  ConsoleSize: 'sizes',
}

/** `POST /networks/{id}/disconnect`. */
export const NETWORK_DISCONNECT: ShapeOf<NetworkDisconnectRequest> = {
  Container: 'text',
  Force: 'flag',
}

/** `POST /networks/create`. */
export const NETWORK_CREATE: ShapeOf<NetworkCreateRequest> = {
  Name: 'text',
  CheckDuplicate: 'flag',
  Driver: 'text',
  Scope: 'text',
  Internal: 'flag',
  Attachable: 'flag',
  Ingress: 'flag',
  ConfigOnly: 'flag',
  ConfigFrom: { object: { Network: 'text' } },
  IPAM: {
    object: {
      Driver: 'text',
      Config: { list: { Subnet: 'text', IPRange: 'text', Gateway: 'text', AuxiliaryAddresses: 'labels' } },
      Options: 'labels',
    },
  },
  EnableIPv4: 'flag',
  EnableIPv6: 'flag',
  Options: 'labels',
  Labels: 'labels',
}

/** `POST /networks/{id}/connect`. */
export const NETWORK_CONNECT: ShapeOf<NetworkConnectRequest> = {
  Container: 'text',
  EndpointConfig: { object: ENDPOINT },
}

/** `POST /auth`. */
export const AUTH: ShapeOf<AuthConfig> = {
  username: 'text',
  password: 'text',
  email: 'text',
  serveraddress: 'text',
  identitytoken: 'text',
  registrytoken: 'text',
}

/** `POST /volumes/create`. */
export const VOLUME_CREATE: ShapeOf<VolumeCreateRequest> = {
  Name: 'text',
  Driver: 'text',
  DriverOpts: 'labels',
  Labels: 'labels',
}

/** `POST /tscompose/snapshot`. */
export const SNAPSHOT: ShapeOf<SnapshotRequest> = {
  Labels: 'texts',
  Networks: 'texts',
  Volumes: 'texts',
  Images: 'texts',
  Tag: 'text',
  Drift: 'flag',
  Ahead: 'flag',
}

/** `POST /tscompose/snapshots`, and of its restore. */
export const SNAPSHOT_SAVE: ShapeOf<SnapshotSaveRequest> = { Project: 'text', Name: 'text', Folder: 'text' }
export const SNAPSHOT_RESTORE: ShapeOf<SnapshotRestoreRequest> = { Project: 'text', Name: 'text', To: 'text' }

/** `POST /tscompose/projects/{id}/names`. */
export const PROJECT_NAMES: ShapeOf<ProjectNamesRequest> = { Names: 'texts' }

/** What is to be put right in the kernel. */
const REPAIR: ShapeOf<RepairRequest> = { Paths: 'texts' }

/** Body of a repair, complete. */
export function takeRepair(body: RepairRequest): RepairRequest {
  const { Paths = [] } = takeShape<Partial<RepairRequest>>(REPAIR, body).body
  return { Paths }
}

/** What the JSON body of a route has; none where nothing is done with it. */
export const BODIES: Readonly<Partial<Record<RouteName, Shape>>> = {
  auth: AUTH,
  containerCommit: CONTAINER_CREATE,
  containerCreate: CONTAINER_CREATE,
  containerUpdate: CONTAINER_UPDATE,
  execCreate: EXEC_CREATE,
  execIn: EXEC_IN,
  execStart: EXEC_START,
  networkConnect: NETWORK_CONNECT,
  networkCreate: NETWORK_CREATE,
  networkDisconnect: NETWORK_DISCONNECT,
  containerRepair: REPAIR,
  networkRepair: REPAIR,
  projectNames: PROJECT_NAMES,
  savedRestore: SNAPSHOT_RESTORE,
  savedSave: SNAPSHOT_SAVE,
  snapshot: SNAPSHOT,
  volumeCreate: VOLUME_CREATE,
}
