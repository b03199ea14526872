import type { Readable } from 'node:stream'
import type {
  BuildContextAnswer,
  BuildPruneOptions,
  BuildPruneResponse,
  ImageBuildOptions,
  ProgressMessage,
} from '../types/index.ts'
import type { BuildRecords } from './build-records.ts'
import type { SolveBackend } from './solves.ts'

/** What the build routes need of an engine. */
export interface BuildBackend extends SolveBackend {
  /** Where builds of BuildKit's clients are remembered. */
  readonly records: BuildRecords
  /**
   * `context` is a tar, already decompressed. The last messages carry `aux: { ID }` of the image. A failed step is
   * thrown while iterating; the server turns it into an `errorDetail` line.
   */
  build(
    context: Readable,
    options: ImageBuildOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ProgressMessage>>
  /** What of a context, of which this is the manifest as it came, is not kept. */
  checkContext(manifest: unknown): Promise<BuildContextAnswer>
  /** Takes what was missing, as a tar. */
  fillContext(manifest: unknown, tar: Readable, signal: AbortSignal): Promise<BuildContextAnswer>
  pruneCache(options: BuildPruneOptions): Promise<BuildPruneResponse>
}
