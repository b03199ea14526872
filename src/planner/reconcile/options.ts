/** When an existing container is replaced: if it differs from the file, always, or never. */
export type RecreatePolicy = 'diverged' | 'force' | 'never'

/** `--pull` of `up`, `create`; absent = what each service says. */
export type PullPolicy = 'always' | 'missing' | 'never' | 'build'

/** `up`, `create` (`start: false`) and `scale`. */
export interface UpOptions {
  /** Services named on the command line; empty or absent = all that are enabled. */
  readonly services?: readonly string[]
  /** Leave dependencies of the named services alone. */
  readonly noDeps?: boolean
  readonly recreate?: RecreatePolicy
  /** For services that are only there as dependencies. */
  readonly recreateDependencies?: RecreatePolicy
  /** `--build` / `--no-build`. */
  readonly build?: 'always' | 'never'
  readonly pull?: PullPolicy
  /** `--scale`, over the file's numbers. */
  readonly scale?: Readonly<Record<string, number>>
  /** Create only (`--no-start`). Default true. */
  readonly start?: boolean
  readonly removeOrphans?: boolean
  readonly ignoreOrphans?: boolean
  /** `-V`: new anonymous volumes; implies recreate 'force'. */
  readonly renewAnonymousVolumes?: boolean
  /** Seconds for stops, over each service's `stop_grace_period`. */
  readonly timeout?: number
  /** Names of diverged volumes that may be recreated, losing their data; 'all' = `--yes`. */
  readonly recreateVolumes?: readonly string[] | 'all'
  /** Instant of observation, ms since 1970: windowed pull policies need it (the planner has no clock). */
  readonly now?: number
}

export interface DownOptions {
  /** Named services go together with their dependents; networks, images and volumes of the project stay then. */
  readonly services?: readonly string[]
  readonly volumes?: boolean
  readonly removeOrphans?: boolean
  readonly images?: 'local' | 'all'
  readonly timeout?: number
}

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

export interface BuildOptions {
  readonly services?: readonly string[]
  readonly withDependencies?: boolean
  readonly noCache?: boolean
  readonly pull?: boolean
  readonly args?: Readonly<Record<string, string | null>>
}

export interface PullOptions {
  readonly services?: readonly string[]
  readonly includeDependencies?: boolean
  /** `--ignore-buildable`. */
  readonly ignoreBuildable?: boolean
  /** `--ignore-pull-failures`. */
  readonly ignoreFailures?: boolean
  readonly policy?: 'missing' | 'always'
}
