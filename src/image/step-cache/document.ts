import { isDigest } from '../../oci/digest.ts'
import type { CacheEntry } from '../store/cache.ts'
import type { RecordedStep } from './types.ts'

/**
 * The media type of the config of a cache, by which it is told from an image: an OCI manifest whose layers are the packed
 * layers of its steps, so that any registry and any tool that copies images takes it. Counts up when its form changes.
 */
export const CACHE_CONFIG = 'application/vnd.tscompose.build-cache.v1+json'

/** What a cache says of its steps. A step's layer is a number in `layers`; one without has changed no file. */
export interface CacheDocument {
  /** Digests of the unpacked layers, in the manifest's order. */
  readonly layers: readonly string[]
  readonly steps: readonly DocumentStep[]
}

interface DocumentStep {
  readonly key: string
  readonly created: string
  readonly text: string
  readonly layer?: number
}

/** Steps over the layers that they name; in the same order whatever order they were made in. */
export function documentOf(steps: readonly RecordedStep[], layers: readonly string[]): CacheDocument {
  const sorted = steps.toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return {
    layers,
    steps: sorted.map(({ key, entry: { created, text, diffId } }) => ({
      key,
      created,
      text,
      ...(diffId === undefined ? {} : { layer: layers.indexOf(diffId) }),
    })),
  }
}

/** The layers of steps, each once. */
export function layersOf(steps: readonly RecordedStep[]): readonly string[] {
  return [...new Set(steps.flatMap(({ entry }) => entry.diffId ?? []))].sort()
}

/** Reads what others have written; undefined where it is none of ours. `layers`: where it does not name them itself. */
export function readDocument(bytes: Uint8Array, layers?: readonly string[]): CacheDocument | undefined {
  let value: { readonly layers?: unknown; readonly steps?: unknown } | null
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
  return checkDocument({ ...value, ...(layers === undefined ? {} : { layers }) })
}

/** The document, if a value is one. */
export function checkDocument(value: {
  readonly layers?: unknown
  readonly steps?: unknown
}): CacheDocument | undefined {
  const { layers, steps } = value
  if (!Array.isArray(layers) || !layers.every(each => typeof each === 'string' && isDigest(each)))
    return undefined
  if (!Array.isArray(steps)) return undefined
  return { layers, steps: steps.filter(step => isStep(step, layers.length)) }
}

function isStep(value: unknown, layers: number): value is DocumentStep {
  const { key, created, text, layer } = (value ?? {}) as Partial<DocumentStep>
  if (typeof key !== 'string' || !isDigest(key)) return false
  if (typeof created !== 'string' || Number.isNaN(Date.parse(created)) || typeof text !== 'string')
    return false
  return layer === undefined || (Number.isInteger(layer) && layer >= 0 && layer < layers)
}

/** The entry of a step, as the store's own cache has it. */
export function entryOf({ layers }: CacheDocument, { created, text, layer }: DocumentStep): CacheEntry {
  const diffId = layer === undefined ? undefined : layers[layer]
  return { created, text, ...(diffId === undefined ? {} : { diffId }) }
}
