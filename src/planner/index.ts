export { OperationCollector } from './core/builder.ts'
export { operationsToJson } from './core/json.ts'
export type { JsonObject, JsonValue } from './core/json-value.ts'
export type { PlannedOperation } from './core/operation.ts'
export type { PlanOf } from './core/plan.ts'
export {
  type RenderPlanOptions,
  renderChange,
  renderOperations,
  resourceLabel,
  type Vocabulary,
} from './core/render.ts'
export { LABEL, SECRETS_KEY, TOOL_VERSION } from './labels.ts'
export { containerName, imageReference, imageReferences } from './names.ts'
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
export { planToJson } from './plan-json.ts'
export { planKill, planPause, planRemove, planStop } from './plan-lifecycle.ts'
export { planPull } from './plan-pull.ts'
export { planRestart, planStart } from './plan-start.ts'
export { planUp } from './plan-up.ts'
export { projectFromLabels } from './project-from-labels.ts'
export { renderPlan } from './render.ts'
export { networkHash, serviceHash, volumeHash } from './spec/hash.ts'
export {
  compareSecrets,
  contentValues,
  injectedText,
  readSealedSecrets,
  type SealedSecrets,
  type SecretValues,
  sealedText,
  sealSecrets,
} from './spec/secrets.ts'
export { readStoredSpec } from './spec/stored.ts'
