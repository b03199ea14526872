import type { TerminalSize } from './containers.ts'

/** Body of `POST /containers/{id}/exec`. */
export interface ExecCreateRequest {
  readonly User?: string | undefined
  readonly Privileged?: boolean | undefined
  readonly Tty?: boolean | undefined
  /** `[height, width]`. */
  readonly ConsoleSize?: readonly [number, number] | undefined
  readonly AttachStdin?: boolean | undefined
  readonly AttachStdout?: boolean | undefined
  readonly AttachStderr?: boolean | undefined
  readonly DetachKeys?: string | undefined
  readonly Env?: readonly string[] | undefined
  readonly WorkingDir?: string | undefined
  readonly Cmd?: readonly string[] | undefined
}

/** Body of `POST /tscompose/exec`, which is ours. */
export interface ExecInRequest extends ExecCreateRequest {
  /** Of the container, as in a filter: `name`, or `name=value`. */
  readonly Labels?: readonly string[] | undefined
}

/** What `POST /tscompose/exec` tells in the stream: of which exec that is before its output, and behind it how it ended. */
export type ExecTold = ExecCreateResponse | Pick<ExecInspect, 'ExitCode'>

export interface ExecCreateResponse {
  readonly Id: string
}

/** Body of `POST /exec/{id}/start`. */
export interface ExecStartRequest {
  readonly Detach?: boolean | undefined
  readonly Tty?: boolean | undefined
  readonly ConsoleSize?: readonly [number, number] | undefined
}

export interface ExecStartOptions {
  readonly tty: boolean
  readonly size?: TerminalSize
}

/** `GET /exec/{id}/json`. */
export interface ExecInspect {
  readonly ID: string
  readonly Running: boolean
  /** `null` until it has ended. */
  readonly ExitCode: number | null
  readonly ProcessConfig: {
    readonly tty: boolean
    readonly entrypoint: string
    readonly arguments: readonly string[]
    readonly privileged?: boolean
    readonly user?: string
  }
  readonly OpenStdin: boolean
  readonly OpenStderr: boolean
  readonly OpenStdout: boolean
  readonly CanRemove: boolean
  readonly ContainerID: string
  readonly DetachKeys: string
  /** On the host; 0 before the start. */
  readonly Pid: number
}
