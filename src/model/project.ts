import type { Origins } from './origin.ts'
import type { ComposeModel } from './types/project.ts'
import type { Service } from './types/service.ts'

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
  /** SHA-256 of the files of configs and secrets whose change processes are told of (`x-tscompose.on_change`), by absolute path. */
  readonly fileDigests?: Readonly<Record<string, string>>
  /** Which of several that are made of the same files; its name is the end of the project's. */
  readonly instance?: Instance
}

/** One of several projects that are made of the same files. */
export interface Instance {
  readonly name: string
  /** Of the host's loopback interface: where its ports are published that name no address. */
  readonly address?: string
}
