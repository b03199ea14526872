/**
 * The lines `key=value` of a monitor's status, in their order: what it writes to its file and tells who subscribed.
 * `native/monitor/status-lines.h`, by which the monitor writes them, is rendered from this table (status-header.ts).
 */
import { RESTART_POLICIES, type RestartPolicy } from './ops/values.ts'

/** Where a container is in its life. */
export type MonitorPhase = 'created' | 'running' | 'restarting' | 'exited'

/** What the status of a monitor says. Times are unix nanoseconds. */
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
  /** A descriptor of the monitor's that tells whether the container's table of mounts has changed (`askMounts`); 0: none. */
  readonly mountsFd: number
  /** It stands still where it runs, and waits for who comes where it does not (`MonitorConnection.freeze`, `endRun`). */
  readonly asleep: boolean
  /** Why the last (re)start failed: `op:stage:errno:detail`, empty when it did not. */
  readonly error: string
}

/**
 * How a value is written: `number`, whole; `code`, an exit code, negative before the first exit; `big`, 64 bits without a
 * sign; `time`, the same, zero for "not yet"; `flag`, 0 or 1; `text`; `word`, one of some.
 */
export type StatusKind = 'number' | 'code' | 'big' | 'time' | 'flag' | 'text' | 'word'

/** One line. */
export interface StatusLine {
  readonly key: string
  readonly kind: StatusKind
  readonly words?: readonly string[]
}

/** The one kind that fits a type of values; a `word` has all words of the type. */
type LineOf<V> = [V] extends [boolean]
  ? { readonly key: string; readonly kind: 'flag' }
  : string extends V
    ? { readonly key: string; readonly kind: 'text' }
    : [V] extends [string]
      ? { readonly key: string; readonly kind: 'word'; readonly words: readonly V[] }
      : undefined extends V
        ? { readonly key: string; readonly kind: bigint extends V ? 'time' : 'code' }
        : { readonly key: string; readonly kind: bigint extends V ? 'big' : 'number' }

/** Said by the first line. A reader refuses every other. */
export const STATUS_VERSION = 1

const PHASES: readonly MonitorPhase[] = ['created', 'running', 'restarting', 'exited']

/** The table. Its last line is a text's end: a text that has it is whole. */
export const STATUS_LINES: { readonly [F in keyof MonitorStatus]: LineOf<MonitorStatus[F]> } = {
  phase: { key: 'phase', kind: 'word', words: PHASES },
  monitorPid: { key: 'monitor_pid', kind: 'number' },
  monitorStartTime: { key: 'monitor_start', kind: 'big' },
  pid: { key: 'pid', kind: 'number' },
  pidStartTime: { key: 'pid_start', kind: 'big' },
  bootId: { key: 'boot_id', kind: 'text' },
  startedAt: { key: 'started_at', kind: 'time' },
  finishedAt: { key: 'finished_at', kind: 'time' },
  exitCode: { key: 'exit_code', kind: 'code' },
  signal: { key: 'signal', kind: 'number' },
  oomKilled: { key: 'oom_killed', kind: 'flag' },
  restartCount: { key: 'restart_count', kind: 'number' },
  restartPolicy: { key: 'restart_policy', kind: 'word', words: RESTART_POLICIES },
  stopped: { key: 'stopped', kind: 'flag' },
  logDropped: { key: 'log_dropped', kind: 'number' },
  mountsFd: { key: 'mounts_fd', kind: 'number' },
  asleep: { key: 'asleep', kind: 'flag' },
  error: { key: 'error', kind: 'text' },
}
