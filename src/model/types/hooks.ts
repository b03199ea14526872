// Made of the table ../attributes/hooks.ts by `npm run build`: change that.
import type { Extensions, Mapping } from '../values.ts'

/** What is done when a watched file changes. */
export type WatchAction = 'sync' | 'rebuild' | 'restart' | 'sync+restart' | 'sync+exec'

/** A command that runs beside a service's life: `post_start`, `pre_stop`, `develop.watch[].exec`. */
export interface Hook extends Extensions {
  /** What to run in the container. */
  readonly command?: readonly string[]
  /** User who runs it, the service's own by default. */
  readonly user?: string
  /** Whether it runs with all privileges. */
  readonly privileged?: boolean
  /** Folder in which it runs. */
  readonly working_dir?: string
  /** Variables that it gets besides the service's own. */
  readonly environment?: Mapping
}

/** `services.*.develop.watch[]`. */
export interface WatchRule extends Extensions {
  /** File or folder to watch. */
  readonly path: string
  /** What to do when it changes. */
  readonly action: WatchAction
  /** Path in the container that files are copied to. */
  readonly target?: string
  /** Command to run after sync+exec. */
  readonly exec?: Hook
  /** Patterns of files to look at alone. */
  readonly include?: readonly string[]
  /** Patterns of files to leave out. */
  readonly ignore?: readonly string[]
  /** Whether all files are copied at the start. */
  readonly initial_sync?: boolean
}

/** `pre_start[]`: an init container. */
export interface PreStartHook extends Extensions {
  /** What to run before the service starts. */
  readonly command?: readonly string[]
  /** Image to run it in, the service's own by default. */
  readonly image?: string
  /** User who runs it, USER[:GROUP]. */
  readonly user?: string
  /** Whether it runs with all privileges. */
  readonly privileged?: boolean
  /** Folder in which it runs. */
  readonly working_dir?: string
  /** Variables that it gets besides the service's own. */
  readonly environment?: Mapping
  /** Whether it runs once a replica and not once a service. */
  readonly per_replica?: boolean
}
