import type { Writable } from 'node:stream'
import type { BuildTrace } from '../../diagnostics/build-trace.ts'
import type { Diagnostic } from '../../diagnostics/index.ts'

/** Which of a process's streams bytes belong to. */
export type StreamName = 'stdin' | 'stdout' | 'stderr'

/** Bytes that a process wrote, as they came; with a terminal all is `stdout`. */
export interface OutputFrame {
  readonly stream: 'stdout' | 'stderr'
  readonly bytes: Uint8Array
}

/** One line of a container's log, its newline included if it had one, parts of a long line already joined. */
export interface LogRecord extends OutputFrame {
  /** RFC 3339 with nanoseconds; filled only if `timestamps` was asked for (a million strings cost half a second). */
  readonly time?: string
}

/** What `GET /containers/{id}/logs` asks for. */
export interface LogOptions {
  readonly follow: boolean
  readonly stdout: boolean
  readonly stderr: boolean
  /** Unix nanoseconds; inclusive. */
  readonly since?: bigint
  readonly until?: bigint
  readonly timestamps: boolean
  /** Lines from the end; absent: all. */
  readonly tail?: number
}

/** What rotation has taken away from the beginning of a log: of what the container wrote, without our own part. */
export interface LogGone {
  readonly lines: number
  readonly bytes: number
}

/**
 * The log, opened. `gone`: of that which was asked for, what is there no more. `tty`: written to the client raw, not in frames. Records come in batches as they are read, so that
 * a long log costs no promise a line; with `follow` the iteration ends when the container has ended.
 */
export interface LogStream {
  readonly tty: boolean
  readonly gone?: LogGone
  /** What the container's log options say of each line, `name=value` with commas between: `details` shows it. */
  readonly details?: string
  readonly records: AsyncIterable<readonly LogRecord[]>
}

/** What `POST /containers/{id}/attach` asks for. */
export interface AttachOptions {
  /** Give what was logged so far first. */
  readonly logs: boolean
  /** Stay; without it only the logs are given. */
  readonly stream: boolean
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
}

/**
 * A live connection to the streams of a container or of an exec. The server pumps `output` to the client and the
 * client's bytes to `stdin`.
 */
export interface AttachSession {
  /** Raw bytes instead of frames. */
  readonly tty: boolean
  /** Absent when stdin was not asked for or is not open. `end()` closes the process's stdin (half-close). */
  readonly stdin?: Writable
  /** Ends when the process has closed its streams; by then its exit code must be recorded, since clients ask next. */
  readonly output: AsyncIterable<OutputFrame>
  /** The client went or detached: let go, leave the process running. Idempotent; makes `output` end. */
  close(): void
}

/** A line of pull, push or build progress (JSON lines). */
export interface ProgressMessage {
  /** Build output, newline included. */
  readonly stream?: string
  readonly status?: string
  /** Layer or reference. */
  readonly id?: string
  readonly progress?: string
  readonly progressDetail?: {
    readonly current?: number
    readonly total?: number
    readonly start?: number
    readonly units?: string
  }
  readonly error?: string
  readonly errorDetail?: { readonly code?: number; readonly message: string }
  /** Ours, with an error: all that is known of it. */
  readonly diagnostics?: readonly Diagnostic[]
  /** Ours: of a build. */
  readonly tscompose?: { readonly milliseconds: number } | { readonly trace: BuildTrace }
  /** `{ ID }` of a built image, `{ Tag, Digest, Size }` of a push. */
  readonly aux?: Readonly<Record<string, unknown>> | string
}
