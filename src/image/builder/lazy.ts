import type { BuiltImage } from './build.ts'
import type { BuildOptions, BuildResult } from './options.ts'
import type { DockerfileReport } from './report.ts'

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

/** As `build`, but what is made is put nowhere yet, and stays until it is ended. */
export async function solveBuild(options: BuildOptions): Promise<BuiltImage> {
  const builder = await import('./build.ts')
  return builder.solve(options)
}

/** Reads a Dockerfile, builds nothing and brings no image. Raises one Failure with all that is wrong with it. */
export async function reportBuild(options: BuildOptions): Promise<DockerfileReport> {
  const builder = await import('./report.ts')
  return builder.report(options)
}
