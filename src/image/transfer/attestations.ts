import { Failure } from '../../diagnostics/index.ts'
import type { Descriptor } from '../../oci/descriptor.ts'
import { type ImageIndex, type IndexEntry, parseManifest } from '../../oci/manifest.ts'
import { MEDIA_TYPE } from '../../oci/media-types.ts'
import type { Reference } from '../../oci/reference.ts'
import type { Predicate } from '../attestations/predicate.ts'
import type { ManifestContent, RegistryClient } from '../registry/index.ts'
import type { ImageStore } from '../store/types.ts'

/** A document is kept in memory while it comes: of an image with a larger one nothing is kept of what is said of it. */
const MAX_DOCUMENT = 16 * 1024 * 1024

/**
 * What an index says of one of its images (provenance, SBOM): manifests, each followed by what it names. What the registry does not
 * have any more keeps nobody from the image.
 */
export async function fetchAttestations(
  registry: RegistryClient,
  { domain, path }: Reference,
  entries: readonly IndexEntry[],
): Promise<readonly ManifestContent[]> {
  const contents: ManifestContent[] = []
  for (const { digest, size } of entries) {
    try {
      const content = await registry.manifest({ domain, path, digest }, size)
      const documents = documentsOf(content)
      if (documents === undefined || documents.some(({ size }) => size > MAX_DOCUMENT)) continue
      const fetched: ManifestContent[] = []
      for (const document of documents) {
        const bytes = await registry.blob({ domain, path }, document, MAX_DOCUMENT)
        fetched.push({ digest: document.digest, mediaType: document.mediaType ?? '', bytes })
      }
      contents.push(content, ...fetched)
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'notFound') throw error
    }
  }
  return contents
}

/** What was said of an image where it came from, as it was sent. */
export interface CameAttestation {
  readonly manifest: ManifestContent
  readonly documents: readonly { readonly descriptor: Descriptor; readonly bytes: Uint8Array }[]
}

/** What the store has kept of what is said of a manifest; undefined where that is not whole. */
export async function cameAttestation(
  store: ImageStore,
  imageId: string,
  manifest: string,
): Promise<CameAttestation | undefined> {
  const contents = await store.manifestsOf(imageId)
  const about = indexesOf(contents)
    .flatMap(({ index }) => index.manifests)
    .find(entry => entry.about === manifest)
  const content = contents.find(({ digest }) => digest === about?.digest)
  const named = content && documentsOf(content)
  if (content === undefined || named === undefined) return undefined
  const documents: { descriptor: Descriptor; bytes: Uint8Array }[] = []
  for (const descriptor of named) {
    const bytes = await store.documentOf(imageId, descriptor.digest)
    if (bytes === undefined) return undefined
    documents.push({ descriptor, bytes })
  }
  return { manifest: content, documents }
}

/** What is said of an image, by its builder here or where it came from. */
export async function saidOf(store: ImageStore, imageId: string): Promise<readonly Predicate[]> {
  const own = await store.predicatesOf(imageId)
  if (own.length > 0) return own
  for (const { digest } of await store.manifestsOf(imageId)) {
    const came = await cameAttestation(store, imageId, digest)
    if (came !== undefined) return predicatesIn(came.documents.map(({ bytes }) => bytes))
  }
  return []
}

/** The predicates of documents that are statements of in-toto; others, as the config beside them, say nothing. */
export function predicatesIn(documents: readonly Uint8Array[]): readonly Predicate[] {
  return documents.flatMap(bytes => {
    const { predicateType, predicate } = statementIn(bytes)
    if (typeof predicateType !== 'string' || predicate === undefined) return []
    return [{ type: predicateType, bytes: Buffer.from(JSON.stringify(predicate)) }]
  })
}

function statementIn(bytes: Uint8Array): { readonly predicateType?: unknown; readonly predicate?: unknown } {
  try {
    return (JSON.parse(Buffer.from(bytes).toString('utf8')) ?? {}) as object
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

/** The index that images came with, where it names just these manifests. */
export async function cameIndex(
  store: ImageStore,
  imageIds: readonly string[],
  manifests: readonly ManifestContent[],
): Promise<ManifestContent | undefined> {
  const digests = new Set(manifests.map(({ digest }) => digest))
  for (const id of imageIds)
    for (const { content, index } of indexesOf(await store.manifestsOf(id))) {
      const named = new Set(index.manifests.map(({ digest }) => digest))
      if (named.size === digests.size && [...digests].every(digest => named.has(digest))) return content
    }
  return undefined
}

function indexesOf(
  contents: readonly ManifestContent[],
): readonly { readonly content: ManifestContent; readonly index: ImageIndex }[] {
  return contents.flatMap(content => {
    const index = parseManifest(content.bytes, content.mediaType)
    return index.kind === 'index' ? [{ content, index }] : []
  })
}

/** What a manifest names; undefined where it is of another kind: what is said of an image must keep nobody from it. */
export function documentsOf({ bytes, mediaType }: ManifestContent): readonly Descriptor[] | undefined {
  try {
    const manifest = parseManifest(bytes, mediaType === '' ? MEDIA_TYPE.manifest : mediaType)
    return manifest.kind === 'index' ? undefined : [manifest.config, ...manifest.layers]
  } catch (error) {
    if (error instanceof Failure && error.code === 'MANIFEST_INVALID') return undefined
    throw error
  }
}
