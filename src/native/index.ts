export type { AttachedNumbers, AttachedProgram, AttachedPrograms } from './attach-wire.ts'
export { createNative } from './create.ts'
export type { RefusedName } from './dns-line.ts'
export { encodeProgram, flatten, type PlacedOp } from './encode.ts'
export { failureOfStatus, isUnknownToMonitor, type NativeError, nativeErrorOf } from './failure.ts'
export { findNative } from './find.ts'
export type { FlowMatch, FlowPlace } from './flow-wire.ts'
export { contentSize, folderExtent, folderSize } from './folder-size.ts'
export {
  decodeFound,
  type FileRead,
  type Found,
  filePlaces,
  isFolder,
  placesInside,
  readAccess,
  readTexts,
} from './found.ts'
export type { FrontRoute } from './front-wire.ts'
export type {
  AttachSink,
  ExecOptions,
  ExecSession,
  ForegroundOptions,
  FrontConnection,
  MonitorConnection,
  Native,
  RulesConnection,
  RunReply,
  SleepRequest,
  Started,
  TablePlace,
} from './native.ts'
export type { PackItem } from './pack-reader.ts'
export type * from './program.ts'
export { CONTAINER_NETNS_FD, PROC_SOURCES } from './program.ts'
export { FakeMonitor, fakeExec, type NativeCall, type NativeScript, RecordingNative } from './recording.ts'
export { firstProcessOf, monitorOf, parseStatus } from './status.ts'
export type { MonitorPhase, MonitorStatus } from './status-lines.ts'
export { traced } from './traced.ts'
export { packTree, removeTree, treeSize } from './trees.ts'
export type { UnpackEntry, UnpackSink } from './unpack-stream.ts'
