/** The application, for whoever calls it: typed options in, typed events and results out; no argv, no streams, no text. */

export { type AttachedContainer, type AttachRequest, attach } from './attach.ts'
export type { TerminalSize } from './begun-exec.ts'
export { config } from './config.ts'
export type { ContainerEvent } from './container-events.ts'
export { type CommitRequest, commit } from './copy/commit.ts'
export { type CopyInRequest, copyIn } from './copy/copy-in.ts'
export { copyOut } from './copy/copy-out.ts'
export { exportContainer } from './copy/export.ts'
export type { CopyRequest, ServicePath } from './copy/service-files.ts'
export { type DnsLogRequest, type DnsQuestion, type DnsQuestionsLost, dnsLog } from './dns-log.ts'
export { type Area, doctor, type Finding, type FindingStatus } from './doctor.ts'
export { type Drifted, type DriftRequest, drift } from './drift.ts'
export { type Refused, type RefusedRequest, refused } from './egress.ts'
export { type EventsRequest, events } from './events.ts'
export { type ExecRequest, type ExecResult, exec } from './exec.ts'
export { Interrupted, ProjectFailure } from './failures.ts'
export { type GeneratedFile, type GenerateRequest, generate } from './generate/generate.ts'
export { type ContainerImage, type ImagesRequest, images } from './images.ts'
export { type Converted, type ConvertRequest, convertToKubernetes } from './kubernetes/convert.ts'
export { build, down, kill, pause, pull, push, remove, restart, start, stop, unpause } from './lifecycle.ts'
export { type Login, type LoginRequest, login, logout, verifyLogin } from './login.ts'
export type { LogGap } from './logs/container-log.ts'
export type { LoggedContainer } from './logs/logged-container.ts'
export { type LogLine, logs, type MissingLines } from './logs/logs.ts'
export type { LogsRequest } from './logs/open-logs.ts'
export {
  type ExecOptions,
  execDetached,
  type OpenExec,
  type OpenExecOptions,
  openExec,
} from './open-exec.ts'
export { type PlanRequest, plan } from './plan.ts'
export { type PortRequest, type PublishedPort, port } from './port.ts'
export { type ListedProject, type ProjectsRequest, projects } from './projects.ts'
export { type ProjectContainer, type PsRequest, ps } from './ps.ts'
export type { PublishFindings } from './publish/findings.ts'
export { type Published, type PublishRequest, publish } from './publish/publish.ts'
export type { OverrideWords } from './run/overrides.ts'
export {
  type OpenContainer,
  type OpenRunRequest,
  openRun,
  type RunRequest,
  run,
  runDetached,
} from './run/run.ts'
export type { RunContainer, RunTermsRequest } from './run/start-run.ts'
export type { Work, WorkOptions } from './run-plan.ts'
export {
  type LeftOut,
  listSnapshots,
  removeSnapshots,
  restoreSnapshot,
  type SavedSnapshot,
  type SnapshotOutcome,
  type SnapshotRequest,
  saveSnapshot,
} from './snapshots.ts'
export { type StatsRequest, stats } from './stats.ts'
export type { Environment, Target } from './target.ts'
export { type ContainerProcesses, type TopRequest, top } from './top.ts'
export { create, scale, type UpRequest, up } from './up.ts'
export type { ContainerUsage } from './usage.ts'
export { type ProjectVolume, type VolumesRequest, volumes } from './volumes.ts'
export { type ContainerEnd, type WaitRequest, wait } from './wait.ts'
export type { WatchEvent } from './watch/events.ts'
export { type WatchRequest, watch } from './watch/watch.ts'
export { type DriftNews, type WatchDriftRequest, watchDrift } from './watch-drift.ts'
