/**
 * The protocol of a monitor's socket: frames {u8 type, u8 flag, u16 zero, u32 length, payload}, little-endian.
 * Requests that change something are answered in order of arrival, but `start` when the container runs or failed.
 */
import type { RestartPolicy } from './program.ts'

/** Types of frames from the engine. */
export const REQUEST = {
  start: 1,
  signal: 2,
  resize: 3,
  stdin: 4,
  stdinClose: 5,
  attach: 6,
  subscribe: 7,
  setRestart: 8,
  setNetworks: 9,
  follow: 10,
} as const

/** Types of frames from the monitor. */
export const MESSAGE = {
  /** Answer: flag = type of the request, payload = a reply (see reply.ts). */
  answer: 64,
  /** Output of the container: flag = 1 stdout (and tty), 2 stderr. */
  output: 65,
  /** The text of the status file, sent to subscribers at once and at each change. */
  status: 66,
  /** The last word to an attached connection that was let go: it took nothing for too long. All before it is whole. */
  lost: 67,
} as const

/** Bytes of a frame's head. */
export const FRAME_HEAD = 8
/** Longest payload of a frame. */
export const FRAME_MAX = 65_536

/** Where a container is in its life. */
export type MonitorPhase = 'created' | 'running' | 'restarting' | 'exited'

/** What the status file of a monitor says. Times are unix nanoseconds. */
export interface MonitorStatus {
  readonly phase: MonitorPhase
  /** Of the monitor itself, to find its fd 100 and to know whether it lives. */
  readonly monitorPid: number
  readonly monitorStartTime: bigint
  /** The container's first process in the host's pid namespace; 0 when none runs. */
  readonly pid: number
  /** Field 22 of /proc/<pid>/stat: with `bootId` it makes the pid unmistakable. */
  readonly pidStartTime: bigint
  readonly bootId: string
  readonly startedAt: bigint | undefined
  readonly finishedAt: bigint | undefined
  /** Exit code as a shell would say (128 + signal); undefined before the first exit. */
  readonly exitCode: number | undefined
  /** Signal that ended it, 0 when it exited. */
  readonly signal: number
  readonly oomKilled: boolean
  readonly restartCount: number
  readonly restartPolicy: RestartPolicy
  /** A manual stop was asked for: no restart follows. */
  readonly stopped: boolean
  /** Log lines dropped because the disk was full. */
  readonly logDropped: number
  /** Why the last (re)start failed: `op:stage:errno:detail`, empty when it did not. */
  readonly error: string
}
