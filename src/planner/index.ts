export { OperationCollector } from './core/builder.ts'
export { operationsToJson } from './core/json.ts'
export type { JsonObject, JsonValue } from './core/json-value.ts'
export type { Change, PlannedOperation, Resource as PlannedResource } from './core/operation.ts'
export type { PlanOf } from './core/plan.ts'
export {
  type RenderPlanOptions,
  renderOperations,
  resourceLabel,
  type Vocabulary,
} from './core/render.ts'
export type { DownOptions } from './down/context.ts'
export { planDown } from './down/plan-down.ts'
export { type BakeFile, bakeFileOf } from './images/bake.ts'
export type { BuildOverrides } from './images/builds.ts'
export { type BuildOptions, planBuild } from './images/plan-build.ts'
export { type PullOptions, planPull } from './images/plan-pull.ts'
export { type PushOptions, planPush } from './images/plan-push.ts'
export type { PullPolicy } from './images/wanted-images.ts'
export type { KillOptions, RemoveOptions, ServiceOptions } from './lifecycle/options.ts'
export { planKill } from './lifecycle/plan-kill.ts'
export { planPause } from './lifecycle/plan-pause.ts'
export { planRestart } from './lifecycle/plan-restart.ts'
export { planStart } from './lifecycle/plan-start.ts'
export { planRemove, planStop } from './lifecycle/plan-stop.ts'
export type {
  AppliedExtension,
  ContainerState,
  Drift,
  EndpointTerms,
  Observed,
  ObservedAttachment,
  ObservedContainer,
  ObservedImage,
  ObservedMount,
  ObservedNetwork,
  ObservedPort,
  ObservedVolume,
} from './observed/observed.ts'
export { projectFromLabels } from './observed/project-from-labels.ts'
export { type Fingerprint, fingerprintOf, movedBetween, operationsFingerprint } from './plan/fingerprint.ts'
export type {
  Action,
  AdaptContainer,
  Attachment,
  BuildImage,
  ConnectNetwork,
  ContainerRef,
  CreateContainer,
  CreateNetwork,
  CreateVolume,
  DisconnectNetwork,
  Guard,
  KillContainer,
  Operation,
  ParentRefs,
  PauseContainer,
  PullAnswer,
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
  RunTerms,
  StartContainer,
  StopContainer,
  UpdateContainer,
  UpdatePart,
  WaitDependency,
  WatchContainer,
} from './plan/operation.ts'
export type { DivergedVolume, Plan } from './plan/plan.ts'
export { planToJson } from './plan/plan-json.ts'
export { renderPlan } from './plan/render.ts'
export { budgetOf, wholeBudget } from './project/budget.ts'
export type { Labels } from './project/labels.ts'
export { LABEL, SECRETS_KEY, TOOL_VERSION } from './project/labels.ts'
export { imageReference, imageReferences, oneOffName } from './project/names.ts'
export { sharesNetworks } from './project/service-set.ts'
export { endpointTerms } from './reconcile/endpoint-terms.ts'
export { CONTENTS, TOLD } from './reconcile/hot.ts'
export type { RecreatePolicy, UpOptions } from './reconcile/options.ts'
export { serviceHash } from './spec/hash.ts'
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
export type { StoredSpec } from './spec/stored.ts'
export { readStoredSpec } from './spec/stored.ts'
export { type OneOff, oneOffService } from './up/one-off-service.ts'
export { planRun, type RunOptions } from './up/plan-run.ts'
export { planUp } from './up/plan-up.ts'
