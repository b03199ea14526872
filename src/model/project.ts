import type { Origins } from './origin.ts'
import type { Config, Model, Network, Secret, Volume } from './resource.ts'
import type { Service } from './service.ts'
import type { Extensions } from './values.ts'

/** What `config --format json` prints: the canonical model. */
export interface ComposeModel extends Extensions {
  readonly name: string
  /** Enabled and selected services with what they depend on. */
  readonly services: Readonly<Record<string, Service>>
  readonly networks?: Readonly<Record<string, Network>>
  readonly volumes?: Readonly<Record<string, Volume>>
  readonly secrets?: Readonly<Record<string, Secret>>
  readonly configs?: Readonly<Record<string, Config>>
  readonly models?: Readonly<Record<string, Model>>
}

/** A loaded project: the canonical model, and beside it what those who act on it need. */
export interface Project {
  readonly name: string
  readonly model: ComposeModel
  /** The base of relative paths, absolute. */
  readonly workingDir: string
  /** Absolute paths in the order of merging; `-` for standard input. */
  readonly configFiles: readonly string[]
  /** Given with --env-file; empty when the default `.env` was used. */
  readonly environmentFiles: readonly string[]
  /** What interpolation and pass-through variables saw, COMPOSE_PROJECT_NAME included. */
  readonly environment: Readonly<Record<string, string>>
  /** Active profiles. */
  readonly profiles: readonly string[]
  /** Services that no active profile enables or no selection asked for: known, so not orphans, but not wanted now. */
  readonly disabledServices: Readonly<Record<string, Service>>
  readonly origins: Origins
}
