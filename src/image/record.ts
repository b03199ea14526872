import type { ContainerConfig, HistoryEntry } from './config.ts'

/** An image of the store, as the engine reads it. */
export interface ImageRecord {
  /** `sha256:<64 hex>`, digest of the config's JSON. */
  readonly id: string
  /** Familiar forms, sorted: `debian:bookworm`, `registry.example/x:1`. */
  readonly repoTags: readonly string[]
  /** Familiar forms, `name@sha256:…`. */
  readonly repoDigests: readonly string[]
  /** RFC 3339. */
  readonly created: string
  readonly architecture: string
  readonly os: string
  readonly author: string
  readonly config: ContainerConfig
  /** Bottom first, as in the OCI config. */
  readonly diffIds: readonly string[]
  readonly history: readonly HistoryEntry[]
  /** Bytes of all layers, unpacked. */
  readonly size: number
}
