/** `start`, `stop`, `restart`, `kill`, `pause`, `unpause`. */
export interface ServiceOptions {
  readonly services?: readonly string[]
  /** Stops and restarts: seconds. */
  readonly timeout?: number
  /** `restart --no-deps`. */
  readonly noDeps?: boolean
}

export interface KillOptions {
  readonly services?: readonly string[]
  /** Default SIGKILL. */
  readonly signal?: string
  readonly removeOrphans?: boolean
}

export interface RemoveOptions {
  readonly services?: readonly string[]
  /** `-s`: stop what runs, then remove it too. */
  readonly stop?: boolean
  /** `-v`: anonymous volumes too. */
  readonly volumes?: boolean
  readonly timeout?: number
}
