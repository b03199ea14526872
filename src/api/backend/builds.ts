import type { Readable } from 'node:stream'
import type {
  BuildPruneOptions,
  BuildPruneResponse,
  ImageBuildOptions,
  ProgressMessage,
} from '../types/index.ts'

/** What the build routes need of an engine. */
export interface BuildBackend {
  /**
   * `context` is a tar, already decompressed. The last messages carry `aux: { ID }` of the image. A failed step is
   * thrown while iterating; the server turns it into an `errorDetail` line.
   */
  build(
    context: Readable,
    options: ImageBuildOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ProgressMessage>>
  pruneCache(options: BuildPruneOptions): Promise<BuildPruneResponse>
}
