import type { Readable } from 'node:stream'
import type {
  ImageCommitOptions,
  ImageCommitResponse,
  ImageImportOptions,
  ProgressMessage,
} from '../types/index.ts'

/** An archive of images. */
export interface SavedArchive {
  /** Of pieces as they are, one at a time. */
  readonly tar: Readable
  /** To be told of each piece when it has been sent, so that its memory is used again. */
  readonly onSent: (piece: Uint8Array) => void
}

/** Images to and from tars, and from containers. */
export interface ImageArchiveBackend {
  /** Reads the archive to its end. A failure before the first message is thrown at once. */
  load(
    tar: Readable,
    options: { readonly quiet: boolean; readonly platforms: readonly string[] },
    signal: AbortSignal,
  ): Promise<AsyncIterable<ProgressMessage>>
  /**
   * An archive of several images, or of one; `names` are references, ids, or repositories with all their tags. `platforms`: JSON as
   * the API has it; of each name only the images for these.
   */
  save(names: readonly string[], platforms: readonly string[], signal: AbortSignal): Promise<SavedArchive>
  import(
    tar: Readable,
    options: ImageImportOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ProgressMessage>>
  commit(options: ImageCommitOptions, signal: AbortSignal): Promise<ImageCommitResponse>
}
