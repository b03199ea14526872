/** tscompose as a library: every public name, written out; docs/library.md shows the first of them. */

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
export type {
  ContainerEvent,
  Environment,
  EventsRequest,
  ExecOptions,
  ExecRequest,
  ExecResult,
  LogGap,
  LoggedContainer,
  Login,
  LoginRequest,
  LogLine,
  LogsRequest,
  MissingLines,
  OpenExec,
  OpenExecOptions,
  PortRequest,
  ProjectContainer,
  PsRequest,
  PublishedPort,
  Target,
  TerminalSize,
  UpRequest,
  Work,
  WorkOptions,
} from './project/index.ts'
export {
  build,
  config,
  down,
  events,
  exec,
  execDetached,
  Interrupted,
  kill,
  login,
  logout,
  logs,
  openExec,
  ProjectFailure,
  plan,
  port,
  ps,
  pull,
  push,
  remove,
  restart,
  start,
  stop,
  up,
  verifyLogin,
} from './project/index.ts'
