import type { Descriptor } from '../../oci/descriptor.ts'
import { chooseManifest, type ImageManifest, parseManifest } from '../../oci/manifest.ts'
import { hostPlatform } from '../../oci/platform.ts'
import { parseImageConfig } from '../config.ts'
import { CACHE_CONFIG, type CacheDocument, readDocument } from './document.ts'
import { inlineSteps } from './inline.ts'
import type { CacheReader } from './place.ts'

/** Of a cache's config or an image's, in bytes. */
const LIMIT = 32 * 1024 * 1024

/** A cache as it was read: its steps, and how each of its layers is packed. */
export interface FoundCache {
  readonly document: CacheDocument
  readonly packed: ReadonlyMap<string, Descriptor>
}

/** Reads the cache that is at a place, also in an image there; undefined where what is there has none of ours. */
export async function readCache(reader: CacheReader): Promise<FoundCache | undefined> {
  const manifest = await manifestOf(reader)
  if (manifest === undefined) return undefined
  const { config, layers } = manifest
  // Caches of other builders have configs of their own types.
  if (config.mediaType !== CACHE_CONFIG && !/image/.test(config.mediaType ?? '')) return undefined
  const bytes = await reader.blob(config, LIMIT)
  const document =
    config.mediaType === CACHE_CONFIG ? readDocument(bytes) : inlineSteps(parseImageConfig(bytes))
  if (document === undefined || document.layers.length !== layers.length) return undefined
  const packed = document.layers.flatMap((diffId, index) => {
    const layer = layers[index]
    return layer === undefined ? [] : [[diffId, layer] as const]
  })
  return { document, packed: new Map(packed) }
}

async function manifestOf(reader: CacheReader): Promise<ImageManifest | undefined> {
  const content = await reader.manifest()
  const found = parseManifest(content.bytes, content.mediaType)
  if (found.kind === 'manifest') return found
  const chosen = chooseManifest(found, hostPlatform())
  if (chosen === undefined) return undefined
  const inner = await reader.manifest(chosen)
  const manifest = parseManifest(inner.bytes, inner.mediaType)
  return manifest.kind === 'manifest' ? manifest : undefined
}
