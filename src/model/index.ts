export type { Build, FileReference } from './build.ts'
export type { BindOptions, Mount, MountType, TmpfsOptions, VolumeOptions } from './mount.ts'
export type {
  Origin,
  OriginRule,
  OriginStep,
  Origins,
  OverriddenOrigin,
  Path,
  VariableOrigin,
} from './origin.ts'
export { renderPath } from './origin.ts'
export type { ComposeModel, Project } from './project.ts'
export type { Config, IpamPool, Model, Network, Secret, Volume } from './resource.ts'
export type {
  BlkioConfig,
  Deploy,
  DeviceRate,
  DeviceRequest,
  ResourceLimits,
  ResourceReservations,
  Ulimit,
  UpdateConfig,
} from './resources.ts'
export type {
  DependsOn,
  DependsOnCondition,
  Device,
  EnvFile,
  HealthCheck,
  Hook,
  NetworkAttachment,
  Port,
  PreStartHook,
  Service,
  ServiceAttachments,
  ServiceLimits,
  ServiceProcess,
  WatchRule,
} from './service.ts'
export type { ByteSize, Duration, Extensions, Mapping, Strings } from './values.ts'
export { bytesOf, nanosecondsOf } from './values.ts'
