import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readIfThereSync } from '../linux/read-if-there.ts'
import { statePaths } from './state-paths.ts'
import { type Environment, environmentOf, isForeign, type Target } from './target.ts'

/** A project that may have been begun. */
interface Filled {
  readonly project: { readonly name: string }
  readonly target: Target
}

/** The snapshot that an `up --from` was cut off over: what is there of the project may be empty still. */
export function unfinishedFilling({ project, target }: Filled): string | undefined {
  const env = environmentOf(target)
  return isForeign(env) ? undefined : readIfThereSync(fillingFile(env, project.name))
}

/** It has its data, or is gone. */
export function forgetFilling(env: Environment, project: string): void {
  rmSync(fillingFile(env, project), { force: true })
}

/** What says that a project is being made from a snapshot, until its data is there: whoever is killed meanwhile leaves it empty. */
export function fillingFile(env: Environment, project: string): string {
  return join(statePaths(env).root, 'fillings', project)
}
