import type { PullPolicy } from '../images/wanted-images.ts'

/** When an existing container is replaced: if it differs from the file, always, or never. */
export type RecreatePolicy = 'diverged' | 'force' | 'never'

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
