export {
  fixedPort,
  hasOwnNetwork,
  hostPortKey,
  hostPortRoom,
  isSameHostAddress,
  isSameHostPort,
} from './host-ports.ts'
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
export type { Project } from './project.ts'
export type { NetworkAttachment, Port } from './types/attachments.ts'
export type { Build, FileReference } from './types/build.ts'
export type { Deploy, DeviceRequest } from './types/deploy.ts'
export type { ProbeRequest, ServiceExtension } from './types/extension.ts'
export type { Hook, PreStartHook, WatchRule } from './types/hooks.ts'
export type { Mount, MountType } from './types/mount.ts'
export type { ComposeModel, Config, IpamPool, Model, Network, Secret, Volume } from './types/project.ts'
export type {
  DependsOn,
  DependsOnCondition,
  Device,
  DeviceRate,
  HealthCheck,
  Service,
} from './types/service.ts'
export type { ByteSize, Duration, Extensions, Mapping, Strings, Ulimit } from './values.ts'
export { bytesOf } from './values.ts'
