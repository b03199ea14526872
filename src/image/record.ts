import type { ContainerConfig, HistoryEntry } from './config.ts'

/** An image of the store, as the engine reads it. */
export interface ImageRecord {
  /** `sha256:<64 hex>`, digest of the config's JSON. */
  readonly id: string
  /** Familiar forms, sorted: `debian:bookworm`, `registry.example/x:1`. */
  readonly repoTags: readonly string[]
  /** Ids of the images for other platforms that names of this one have, too. */
  readonly otherPlatforms: readonly string[]
  /** Familiar forms, `name@sha256:…`. */
  readonly repoDigests: readonly string[]
  /** RFC 3339. */
  readonly created: string
  readonly architecture: string
  readonly os: string
  readonly author: string
  readonly variant?: string
  /** Of whoever made it: of the config, or else of its last step. */
  readonly comment: string
  /** Version of Docker that made it; empty for others. */
  readonly dockerVersion: string
  /** The image that it was committed from; empty when there is none, or it is gone. */
  readonly parent: string
  /** RFC 3339; absent when no tag was ever put on it here. */
  readonly lastTagTime?: string
  readonly config: ContainerConfig
  /** Bottom first, as in the OCI config. */
  readonly diffIds: readonly string[]
  readonly history: readonly HistoryEntry[]
  /** Bytes of each layer, unpacked, in the order of `diffIds`. */
  readonly layerSizes: readonly number[]
  /** Bytes of all layers, unpacked. */
  readonly size: number
}
