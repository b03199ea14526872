/** A mount of `RUN --mount`; `target` is absolute, and is made in the root when missing. */
export type RunMount =
  | { readonly type: 'bind'; readonly source: string; readonly target: string; readonly readonly: boolean }
  /** A folder or file at `path` inside a stage or image, whose layers are given top first. */
  | {
      readonly type: 'layers'
      readonly layers: readonly string[]
      readonly path: string
      readonly target: string
      /** Makes it writable: empty folders side by side, where what is changed in it goes. */
      readonly changes?: { readonly upper: string; readonly work: string }
    }
  | { readonly type: 'tmpfs'; readonly target: string; readonly sizeBytes?: number }

/** A resource limit of a RUN step: `nofile`, `nproc` …; -1 means unlimited. */
export interface StepLimit {
  readonly name: string
  readonly soft: number
  readonly hard: number
}

/** A command of a RUN step, and the root that it runs in. */
export interface RunRequest {
  /** Lower folders, top first; may be empty (`FROM scratch`). */
  readonly layers: readonly string[]
  /** Absolute, empty, side by side in one folder: what the command changes ends in `upper`. */
  readonly upper: string
  readonly work: string
  readonly argv: readonly string[]
  /** `NAME=value`, complete: nothing is added but what a container always has. */
  readonly env: readonly string[]
  readonly cwd: string
  /** `user[:group]`, names or numbers, resolved in the root; empty for root. */
  readonly user: string
  readonly mounts: readonly RunMount[]
  /** `default` is the engine's bridge, `none` loopback alone, `host` the host's network; else a network's name. */
  readonly network: string
  /** The command has every right that the engine has. */
  readonly privileged: boolean
  readonly hostname: string
  /** `name:address` lines for /etc/hosts. */
  readonly extraHosts: readonly string[]
  /** Bytes of /dev/shm; the engine's default when absent. */
  readonly shmSize?: number
  /** Bytes; no limit when absent. */
  readonly memory?: number
  /** Beside the defaults of every container. */
  readonly ulimits: readonly StepLimit[]
  readonly onOutput: (stream: 'stdout' | 'stderr', chunk: Uint8Array) => void
  readonly signal?: AbortSignal
}

/**
 * Runs the command of a RUN step as a container of its own. The engine implements it; the builder sees only this.
 * Rejects when the container could not be made; an aborted run kills everything in it and rejects with the reason.
 * Mount points, /etc/hosts, /etc/resolv.conf and /etc/hostname that it needs must not stay in `upper`.
 */
export interface CommandRunner {
  run(request: RunRequest): Promise<{ readonly exitCode: number }>
}
