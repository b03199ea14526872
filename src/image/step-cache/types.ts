import type { CacheEntry } from '../store/cache.ts'

/** A store of blobs that the client of a build has. What it gives is not checked. */
export interface ClientStore {
  /** Bytes of the blob of a digest; undefined where it has none. */
  size(digest: string): Promise<number | undefined>
  read(blob: ClientBlob, signal: AbortSignal): AsyncIterable<Buffer>
  write(bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<ClientBlob>
}

/** A blob of a client's store. */
export interface ClientBlob {
  readonly digest: string
  readonly size: number
}

/** Where a build may take steps from that others have made. */
export type CacheSource =
  /** An image that has its steps in its config: of the store, or of its registry. */
  | { readonly type: 'image'; readonly reference: string }
  /** A cache, or an image with one in it, of a registry. */
  | { readonly type: 'registry'; readonly reference: string }
  /** A folder of this machine in OCI's image layout; absolute. */
  | { readonly type: 'local'; readonly folder: string; readonly tag?: string; readonly digest?: string }
  /** A cache in a store of the build's client, which knows it as a folder; `digest` of its manifest. */
  | { readonly type: 'client'; readonly store: ClientStore; readonly folder: string; readonly digest: string }

/** Where the steps of a build go. `max`: of all stages; `min`: those that are in the image. */
export type CacheTarget =
  /** Into the image's config. */
  | { readonly type: 'inline' }
  | (Lasting & { readonly type: 'registry'; readonly reference: string })
  | (Lasting & { readonly type: 'local'; readonly folder: string; readonly tag?: string })
  /** `before`: the digest of a manifest that is there, whose layers need not be packed again. */
  | (Lasting & {
      readonly type: 'client'
      readonly store: ClientStore
      readonly folder: string
      readonly before?: string
    })

interface Lasting {
  readonly mode: 'min' | 'max'
  /** A failure is told, and is not one of the build. */
  readonly ignoreError?: boolean
}

/** A step as a build has come by it, from wherever. */
export interface RecordedStep {
  readonly key: string
  /** Layers that it was made upon, bottom first. */
  readonly below: readonly string[]
  readonly entry: CacheEntry
}
