import type { CredentialSource } from '../../oci/credentials.ts'
import type { Platform } from '../../oci/platform.ts'
import type { Reference } from '../../oci/reference.ts'
import type { ImageConfig } from '../config.ts'
import type { Progress } from '../progress.ts'
import type { ManifestContent } from '../registry/index.ts'
import type { StoreLease } from './lease.ts'

/** What a source hands over: a config whose layers it has put into the store. */
export interface SourcedImage {
  readonly config: ImageConfig
  /** The config as it was written elsewhere, whose digest is the image's id; absent: it is written here. */
  readonly bytes?: Uint8Array
  /** Digest of the manifest or index that the reference stands for in its registry. */
  readonly digest?: string
  /** What it came with, an index before the manifest that was taken from it. */
  readonly manifests?: readonly ManifestContent[]
  /** Further references of the image, in full: by its digest. */
  readonly references?: readonly string[]
}

/** What a source works with. */
export interface SourceContext {
  readonly credentials: CredentialSource
  /** What the image is to be made for; absent: this machine. */
  readonly platform?: Platform
  readonly lease: StoreLease
  readonly onProgress: (progress: Progress) => void
  readonly signal: AbortSignal
  /**
   * Whether the store has, whole and under the reference's own name, what its registry calls by this digest; absent where it has
   * nothing of that name.
   */
  readonly has?: (digest: string) => Promise<boolean>
}

/** The answer where the store has the image already, and nothing was fetched. */
export const UNCHANGED = { isUnchanged: true } as const

/**
 * A place that images come from when the store lacks them. Sources are asked in order; one that does not carry such
 * names, or cannot be reached, answers with `unavailable` and its reason, and the next is asked. A failure that is
 * the user's to solve (a tool is missing) is thrown.
 */
export interface ImageSource {
  /** Its name in messages: `registry`, `archive`. */
  readonly name: string
  fetch(
    reference: Reference,
    context: SourceContext,
  ): Promise<SourcedImage | { readonly unavailable: string } | typeof UNCHANGED>
}
