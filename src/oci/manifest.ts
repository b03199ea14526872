import { failure } from '../diagnostics/index.ts'
import type { Descriptor } from './descriptor.ts'
import { isDigest } from './digest.ts'
import { isIndexType, isManifestType } from './media-types.ts'
import { formatPlatform, type Platform, platformDistance } from './platform.ts'

/** An image of one platform (OCI image specification, manifest.md; Docker's schema 2 has the same fields). */
export interface ImageManifest {
  readonly kind: 'manifest'
  readonly mediaType: string
  readonly config: Descriptor
  /** Packed layers, bottom first. */
  readonly layers: readonly Descriptor[]
}

/** Manifests of several platforms (image-index.md; Docker's manifest list has the same fields). */
export interface ImageIndex {
  readonly kind: 'index'
  readonly mediaType: string
  readonly manifests: readonly IndexEntry[]
}

/** A manifest of an index. */
export interface IndexEntry extends Descriptor {
  readonly platform?: Platform
  /** Of what is said of an image: the digest of the manifest that it is about. */
  readonly about?: string
}

interface Written {
  readonly schemaVersion?: unknown
  readonly mediaType?: unknown
  readonly config?: unknown
  readonly layers?: unknown
  readonly manifests?: unknown
}

/**
 * Reads a manifest or an index. `mediaType`: what it was sent as; a document that says of itself to be another, or that
 * has the fields of both, is refused, since one digest must not stand for two things. Raises MANIFEST_INVALID.
 */
export function parseManifest(bytes: Uint8Array, mediaType: string): ImageManifest | ImageIndex {
  const written = parseJson(bytes)
  if (written.schemaVersion === 1) throw invalid('it is of schema 1, which registries gave up in 2017')
  if ((written.mediaType ?? mediaType) !== mediaType)
    throw invalid(`it was sent as "${mediaType}" and says that it is "${String(written.mediaType)}"`)
  const isBoth =
    (written.manifests ?? undefined) !== undefined &&
    (written.layers ?? written.config ?? undefined) !== undefined
  if (isBoth) throw invalid('it has the fields of a manifest and of an index')
  if (isIndexType(mediaType)) {
    const manifests = listOf(written.manifests, 'manifests').map(readEntry)
    return { kind: 'index', mediaType, manifests }
  }
  if (!isManifestType(mediaType)) throw invalid(`its type is "${mediaType}", which is no image`)
  const layers = listOf(written.layers, 'layers').map((layer, index) =>
    descriptorOf(layer, `layers[${index}]`),
  )
  return { kind: 'manifest', mediaType, config: descriptorOf(written.config, 'config'), layers }
}

/**
 * The manifest of an index that a machine of `platform` runs best; undefined when there is none. An entry without a
 * platform is taken where it is the only one.
 */
export function chooseManifest(index: ImageIndex, platform: Platform): Descriptor | undefined {
  const [only, ...others] = index.manifests
  if (only !== undefined && others.length === 0 && only.platform === undefined) return only
  const fitting = index.manifests.flatMap(manifest => {
    const distance = manifest.platform && platformDistance(platform, manifest.platform)
    return distance === undefined ? [] : [{ manifest, distance }]
  })
  return fitting.sort((a, b) => a.distance - b.distance)[0]?.manifest
}

/** What an index has images for, in its order: `linux/amd64`. Attestations, which are for `unknown`, are left out. */
export function platformsOf(index: ImageIndex): readonly string[] {
  return index.manifests
    .flatMap(({ platform }) => (platform === undefined ? [] : [platform]))
    .filter(({ os }) => os !== 'unknown')
    .map(formatPlatform)
}

function parseJson(bytes: Uint8Array): Written {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid('it is no JSON')
    throw error
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('it is no JSON object')
  return value
}

function listOf(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`"${field}" is no list`)
  return value
}

/** As with Docker, null is as if left out. */
function mapOf(value: unknown, field: string): { readonly [name: string]: unknown } {
  if (typeof (value ?? {}) !== 'object' || Array.isArray(value)) throw invalid(`"${field}" is no object`)
  return (value ?? {}) as { readonly [name: string]: unknown }
}

function textOf(value: unknown, field: string): string | undefined {
  if (typeof (value ?? '') !== 'string') throw invalid(`"${field}" is no text`)
  return typeof value === 'string' ? value : undefined
}

function descriptorOf(value: unknown, field: string): Descriptor {
  const { mediaType, digest, size } = mapOf(value, field)
  if (typeof digest !== 'string' || !isDigest(digest))
    throw invalid(`"${field}.digest" is not sha256:<64 hex>`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0)
    throw invalid(`"${field}.size" is no number of bytes`)
  const type = textOf(mediaType, `${field}.mediaType`)
  return { digest, size, ...(type === undefined ? {} : { mediaType: type }) }
}

function readEntry(value: unknown, index: number): IndexEntry {
  const field = `manifests[${index}]`
  const entry = mapOf(value, field)
  const reference = 'vnd.docker.reference.digest'
  const about = textOf(
    mapOf(entry['annotations'], `${field}.annotations`)[reference],
    `${field}.annotations.${reference}`,
  )
  const descriptor = { ...descriptorOf(value, field), ...(about === undefined ? {} : { about }) }
  const written = mapOf(entry['platform'], `${field}.platform`)
  const part = (name: string): string | undefined => textOf(written[name], `${field}.platform.${name}`)
  const [os, architecture, variant] = [part('os'), part('architecture'), part('variant')]
  if (os === undefined || architecture === undefined) return descriptor
  return { ...descriptor, platform: { os, architecture, ...(variant ? { variant } : {}) } }
}

function invalid(detail: string): Error {
  return failure({
    kind: 'unavailable',
    code: 'MANIFEST_INVALID',
    summary: 'the image manifest cannot be used',
    detail,
  })
}
