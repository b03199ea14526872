export {
  FRAME_HEAD,
  FRAME_MAX,
  MESSAGE,
  type MonitorPhase,
  type MonitorStatus,
  REQUEST,
} from './monitor-protocol.ts'
export type {
  AttachSink,
  ExecOptions,
  ExecSession,
  ForegroundOptions,
  MonitorConnection,
  Native,
  RunReply,
  Started,
} from './native.ts'
export type * from './program.ts'
export { CONTAINER_NETNS_FD, HOST_NETNS_FD, STAGES } from './program.ts'
