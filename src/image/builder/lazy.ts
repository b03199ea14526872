import type { BuildOptions, BuildResult } from './options.ts'

/**
 * Builds an image from a Dockerfile; the builder is loaded only then. Raises one Failure with all problems of the
 * Dockerfile (with their lines), or BUILD_STEP_FAILED with the line of the step and the last lines of its output; the
 * store is then as before, but for the cache of the steps that succeeded.
 */
export async function build(options: BuildOptions): Promise<BuildResult> {
  const builder = await import('./build.ts')
  return builder.build(options)
}

/** Checks a Dockerfile and builds nothing. Raises what is wrong with it, and what its lint rules find, as one Failure. */
export async function checkBuild(options: BuildOptions): Promise<void> {
  const builder = await import('./build.ts')
  return builder.check(options)
}
