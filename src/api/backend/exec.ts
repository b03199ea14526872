import type {
  AttachSession,
  ExecCreateRequest,
  ExecCreateResponse,
  ExecInspect,
  ExecStartOptions,
  TerminalSize,
} from '../types/index.ts'

/** What the exec routes need of an engine. */
export interface ExecBackend {
  create(container: string, body: ExecCreateRequest): Promise<ExecCreateResponse>
  /** Whether `start` may be called, and the terminal that it will have; EXEC_NOT_FOUND, CONTAINER_NOT_RUNNING. */
  prepare(
    id: string,
    options: ExecStartOptions,
  ): Promise<{ readonly tty: boolean; readonly detachKeys?: string | undefined }>
  /** Starts it and joins its streams; a command that cannot be run is a `Failure` here (exit code 126 or 127). */
  start(id: string, options: ExecStartOptions): Promise<AttachSession>
  /** Starts it and lets go. */
  startDetached(id: string, options: ExecStartOptions): Promise<void>
  inspect(id: string): Promise<ExecInspect>
  resize(id: string, size: TerminalSize): Promise<void>
}
