import type { Descriptor } from '../../oci/descriptor.ts'
import type { ManifestContent } from '../registry/index.ts'
import type { PackedLayer } from '../store/packed.ts'

/** Where a cache is read from. What a manifest or a blob must be by its digest is checked; what `open` gives is not. */
export interface CacheReader {
  /** As people know it. */
  readonly name: string
  /** The manifest that it stands for, or one that its index names. */
  manifest(inner?: Descriptor): Promise<ManifestContent>
  /** `limit` bounds it, in bytes. */
  blob(descriptor: Descriptor, limit: number): Promise<Uint8Array>
  open(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Buffer>
  /** `domain/path` where the layers are of a registry's repository. */
  readonly repository?: string
}

/** Where a cache is written to: its parts first, its manifest last, so that none is ever there by half. */
export interface CacheWriter {
  readonly name: string
  layer(diffId: string): Promise<PackedLayer>
  blob(descriptor: Descriptor, bytes: Uint8Array): Promise<void>
  manifest(content: ManifestContent): Promise<void>
}
