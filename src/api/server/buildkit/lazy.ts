import type { BuildKit, BuildKitBackend } from './buildkit.ts'

/** BuildKit of a server: made, and its libraries read, when its first client comes. */
export type LazyBuildKit = () => Promise<BuildKit>

/** One for a backend; `report` is told of failures of our own. */
export function lazyBuildKit(backend: BuildKitBackend, report: (error: unknown) => void): LazyBuildKit {
  let made: Promise<BuildKit> | undefined
  return () => {
    made ??= import('./buildkit.ts').then(({ BuildKit }) => new BuildKit(backend, report))
    return made
  }
}
