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
export { planDown } from './down/plan-down.ts'
export { planBuild } from './images/plan-build.ts'
export { planPull } from './images/plan-pull.ts'
export { planKill, planPause, planRemove, planStop } from './lifecycle/plan-lifecycle.ts'
export { planRestart, planStart } from './lifecycle/plan-start.ts'
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
} from './observed/observed.ts'
export { projectFromLabels } from './observed/project-from-labels.ts'
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
} from './plan/operation.ts'
export type { DivergedVolume, Plan } from './plan/plan.ts'
export { planToJson } from './plan/plan-json.ts'
export { renderPlan } from './plan/render.ts'
export { LABEL, SECRETS_KEY, TOOL_VERSION } from './project/labels.ts'
export { containerName, imageReference, imageReferences } from './project/names.ts'
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
} from './reconcile/options.ts'
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
export { planUp } from './up/plan-up.ts'
