import { failure } from '../../diagnostics/index.ts'
import type { BuildOptions, BuildResult } from './options.ts'

/**
 * Builds an image from a Dockerfile. Raises one Failure with all problems of the Dockerfile (with their lines), or
 * BUILD_STEP_FAILED with the line of the step and the last lines of its output; the store is then as before, but for
 * the cache of the steps that succeeded.
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  throw failure({
    code: 'NOT_YET',
    kind: 'notImplemented',
    summary: `building ${options.dockerfile} is not written yet`,
  })
}
