export type { JsonObject, JsonValue } from './json.ts'
export type {
  ContainerState,
  Drift,
  Observed,
  ObservedAttachment,
  ObservedContainer,
  ObservedImage,
  ObservedMount,
  ObservedNetwork,
  ObservedVolume,
  StoredSpec,
} from './observed.ts'
export type {
  Action,
  Attachment,
  BuildImage,
  Change,
  ConnectNetwork,
  ContainerRef,
  CreateContainer,
  CreateNetwork,
  CreateVolume,
  DisconnectNetwork,
  Guard,
  KillContainer,
  Labels,
  Operation,
  ParentRefs,
  PauseContainer,
  PullImage,
  RemoveContainer,
  RemoveImage,
  RemoveNetwork,
  RemoveVolume,
  RenameContainer,
  Resource,
  RestartContainer,
  RunHook,
  RunInit,
  StartContainer,
  StopContainer,
  WaitDependency,
} from './operation.ts'
export type {
  BuildOptions,
  DownOptions,
  KillOptions,
  PullOptions,
  PullPolicy,
  RecreatePolicy,
  RemoveOptions,
  ServiceOptions,
  UpOptions,
} from './options.ts'
export type { DivergedVolume, Plan } from './plan.ts'
export { planBuild } from './plan-build.ts'
export { planDown } from './plan-down.ts'
export { planKill, planRemove, planRestart, planStart, planStop } from './plan-lifecycle.ts'
export { planPull } from './plan-pull.ts'
export { planUp } from './plan-up.ts'
export { projectFromLabels } from './project-from-labels.ts'
export { planToJson, type RenderPlanOptions, renderPlan } from './render.ts'
export { serviceHash } from './spec/hash.ts'
