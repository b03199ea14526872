/** tscompose as a library: the application, whose index has its names, and the parts that it is made of. docs/library.md shows the first. */

export { Docker } from './client/index.ts'
export type { Diagnostic, ErrorKind, Position, Range, Severity } from './diagnostics/index.ts'
export { Failure, renderDiagnostic, renderDiagnostics } from './diagnostics/index.ts'
export type { ExecuteOptions, ExecuteResult, ProgressEvent } from './executor/index.ts'
export { execute, observe, waitReady } from './executor/index.ts'
export type { LintOptions } from './lint/index.ts'
export { lint } from './lint/index.ts'
export type {
  ComposeModel,
  Origin,
  OriginRule,
  OriginStep,
  Origins,
  OverriddenOrigin,
  Project,
  VariableOrigin,
} from './model/index.ts'
export type {
  LoadInput,
  LoadOptions,
  LoadResult,
  OpenOptions,
  RemoteFile,
  RemoteLoader,
} from './parser/index.ts'
export { load, openProject, openRemoteProject } from './parser/index.ts'
export type { DownOptions, Observed, Operation, Plan, UpOptions } from './planner/index.ts'
export { planDown, planToJson, planUp, renderPlan } from './planner/index.ts'
export * from './project/index.ts'
