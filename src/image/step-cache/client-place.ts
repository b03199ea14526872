import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { failure } from '../../diagnostics/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE, OCI_LAYER } from '../../oci/media-types.ts'
import type { ImageStore } from '../store/types.ts'
import type { CacheReader, CacheWriter } from './place.ts'
import type { ClientStore } from './types.ts'

/** A store, and what people call it by. */
interface Place {
  readonly store: ClientStore
  readonly folder: string
}

/** Of manifests, in bytes. */
const LIMIT = 4 * 1024 * 1024
/** Bytes of a packed layer that travel at once. */
const PIECE = 512 * 1024

/** Reads a cache from a store of the client, by the digest of its manifest. */
export function clientReader(
  { store, folder, digest: wanted }: Place & { readonly digest: string },
  signal: AbortSignal,
): CacheReader {
  const blob: CacheReader['blob'] = async (descriptor, limit) => {
    const { digest, size } = descriptor
    if (size > limit) throw invalid(folder, `${digest} has ${size} bytes, ${limit} are read`)
    const pieces: Buffer[] = []
    let length = 0
    for await (const piece of store.read(descriptor, signal)) {
      length += piece.length
      if (length > size) break
      pieces.push(piece)
    }
    const bytes = Buffer.concat(pieces)
    if (length !== size || digestOf(bytes) !== digest)
      throw invalid(folder, `the bytes of ${digest} are others`)
    return bytes
  }
  return {
    name: folder,
    blob,
    manifest: async inner => {
      const digest = inner?.digest ?? wanted
      const size = inner?.size ?? (await store.size(digest))
      if (size === undefined) throw invalid(folder, `it lacks ${digest}`)
      const bytes = await blob({ digest, size }, LIMIT)
      return { digest, mediaType: inner?.mediaType ?? MEDIA_TYPE.manifest, bytes }
    },
    open: (descriptor, ending) => store.read(descriptor, ending),
  }
}

/** Writes a cache into a store of the client, which has an index of its own. Layers that it has already are not packed again. */
export function clientWriter(
  { store, folder }: Place,
  tools: {
    readonly store: Pick<ImageStore, 'layerTar'>
    readonly signal: AbortSignal
    /** How the store has layers packed already. */
    readonly known: ReadonlyMap<string, Descriptor>
  },
): CacheWriter {
  const put = async ({ digest }: { readonly digest: string }, bytes: Uint8Array): Promise<void> => {
    if ((await store.size(digest)) === bytes.length) return
    await store.write(Readable.from([bytes]), tools.signal)
  }
  return {
    name: folder,
    layer: async diffId => {
      const found = tools.known.get(diffId)
      if (found !== undefined && (await store.size(found.digest)) === found.size)
        return { mediaType: OCI_LAYER.gzip, ...found }
      const tar = Readable.from(tools.store.layerTar(diffId), { objectMode: false })
      const gzip = createGzip({ chunkSize: PIECE })
      tar.on('error', error => gzip.destroy(error))
      try {
        return { mediaType: OCI_LAYER.gzip, ...(await store.write(tar.pipe(gzip), tools.signal)) }
      } finally {
        tar.destroy()
      }
    },
    blob: put,
    manifest: ({ digest, bytes }) => put({ digest }, bytes),
  }
}

function invalid(folder: string, detail: string): Error {
  return failure({
    kind: 'unavailable',
    code: 'BUILD_CACHE_INVALID',
    summary: `the client's folder "${folder}" has no build cache that can be read`,
    detail,
  })
}
