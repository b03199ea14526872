import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomicSync } from '../linux/atomic-file.ts'
import { readIfThereSync } from '../linux/read-if-there.ts'
import { statePaths } from './state-paths.ts'
import { type Environment, environmentOf, isForeign, type Target } from './target.ts'

/** A project that may have been begun. */
interface Filled {
  readonly project: { readonly name: string }
  readonly target: Target
}

/** Writes down that a project is being made from a snapshot, until its data is there: whoever is killed meanwhile leaves it empty. */
export function keepFilling(env: Environment, project: string, snapshot: string): void {
  mkdirSync(folderOf(env), { recursive: true, mode: 0o700 })
  writeFileAtomicSync(join(folderOf(env), project), Buffer.from(snapshot))
}

/** The snapshot that an `up --from` was cut off over: what is there of the project may be empty still. */
export function unfinishedFilling({ project, target }: Filled): string | undefined {
  const env = environmentOf(target)
  return isForeign(env) ? undefined : readIfThereSync(join(folderOf(env), project.name))
}

/** It has its data, or is gone. */
export function forgetFilling(env: Environment, project: string): void {
  rmSync(join(folderOf(env), project), { force: true })
}

function folderOf(env: Environment): string {
  return join(statePaths(env).root, 'fillings')
}
