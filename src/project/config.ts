import type { Project } from '../model/index.ts'
import { type ModelOptions, openModel } from './model.ts'
import type { Target } from './target.ts'

/**
 * What the files describe, with everything that they leave out filled in; needs no engine. Raises ProjectFailure with all
 * that is wrong; what is no error the target's `onDiagnostics` hears.
 */
export function config(
  target: Target,
  options: Pick<ModelOptions, 'services' | 'profiles'> = {},
): Promise<Project> {
  return openModel(target, options)
}
