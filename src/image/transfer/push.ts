import { digestOf } from '../../oci/digest-of.ts'
import { type ImageManifest, parseManifest } from '../../oci/manifest.ts'
import { MEDIA_TYPE, OCI_CONFIG, ociLayerType } from '../../oci/media-types.ts'
import { formatPlatform } from '../../oci/platform.ts'
import { canonicalReference, familiarName, type Reference } from '../../oci/reference.ts'
import { attestedImage } from '../attestations/attested-index.ts'
import { imageUri, type Predicate } from '../attestations/predicate.ts'
import { parseImageConfig } from '../config.ts'
import type { Progress } from '../progress.ts'
import type { ImageRecord } from '../record.ts'
import { type ManifestContent, type RegistryClientOptions, RegistryWriter } from '../registry/index.ts'
import type { StoreLease } from '../store/lease.ts'
import type { PackedLayer } from '../store/packed.ts'
import type { ImageStore } from '../store/types.ts'
import { pushLayer } from './push-layer.ts'

/** Layers that are sent at once: each takes a processor to pack it. */
const PARALLEL = 3

/** A push of one image under one tag. */
export interface PushRequest {
  readonly store: ImageStore
  readonly image: ImageRecord
  readonly reference: Reference
  readonly credentials: RegistryClientOptions['credentials']
  readonly settings?: RegistryClientOptions['settings']
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

/** What a registry has now. */
export interface Pushed {
  /** Of the manifest. */
  readonly digest: string
  /** Bytes of the manifest. */
  readonly size: number
}

/**
 * Sends an image to the registry of a reference: what is there already stays, the manifest is the one that it came with where the
 * registry has its layers as that one has them. The store knows the image by that digest from then on. Raises LAYER_CHANGED,
 * UPLOAD_BROKEN and what a registry refuses; the registry has no half image then.
 */
export async function pushImage(request: PushRequest): Promise<Pushed> {
  const { store, image, reference, credentials, settings, signal } = request
  const writer = new RegistryWriter({ credentials, signal, ...(settings === undefined ? {} : { settings }) })
  // While it is open no layer goes.
  const lease = await store.lease()
  try {
    const config = await store.configBytes(image.id)
    const came = await manifestOf(store, image)
    const layers = await pushLayers(request, writer, lease, came?.manifest)
    const configDescriptor = { digest: image.id, size: config.length }
    if (!(await writer.hasBlob(reference, image.id)))
      await writer.putBlob(reference, configDescriptor, config)
    const manifest =
      came && isAsItCame(came.manifest, layers) ? came.content : manifestFor(image.id, config, layers)
    const predicates = await store.predicatesOf(image.id)
    const manifests =
      predicates.length === 0 ? [manifest] : await putAttested(request, writer, manifest, predicates)
    const [top = manifest] = manifests
    await writer.putManifest(reference, top)
    await remember(request, config, manifests)
    return { digest: top.digest, size: top.bytes.length }
  } finally {
    await lease.end()
  }
}

/** Puts an image's manifest and its attestations by their digests; the index of both, which is to be put, and the manifest. */
async function putAttested(
  { image, reference }: PushRequest,
  writer: RegistryWriter,
  manifest: ManifestContent,
  predicates: readonly Predicate[],
): Promise<readonly ManifestContent[]> {
  const { os, architecture, variant } = image
  const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) }
  const { tag = 'latest' } = reference
  const names = [imageUri(familiarName(reference), tag, formatPlatform(platform))]
  const attested = attestedImage({ manifest, platform, names }, predicates)
  const { domain, path } = reference
  for (const { descriptor, bytes } of attested.blobs)
    if (!(await writer.hasBlob(reference, descriptor.digest)))
      await writer.putBlob(reference, descriptor, bytes)
  for (const content of [manifest, attested.attestation]) await writer.putManifest({ domain, path }, content)
  return [attested.index, manifest]
}

interface CameWith {
  readonly content: ManifestContent
  readonly manifest: ImageManifest
}

/** The manifest that the image came with. */
async function manifestOf(store: ImageStore, image: ImageRecord): Promise<CameWith | undefined> {
  for (const content of await store.manifestsOf(image.id)) {
    const manifest = parseManifest(content.bytes, content.mediaType)
    if (manifest.kind !== 'manifest' || manifest.config.digest !== image.id) continue
    if (manifest.layers.length === image.diffIds.length) return { content, manifest }
  }
  return undefined
}

/** All layers, bottom first, some at once; one that the image has twice is sent once. */
async function pushLayers(
  request: PushRequest,
  writer: RegistryWriter,
  lease: StoreLease,
  came: ImageManifest | undefined,
): Promise<readonly PackedLayer[]> {
  const { store, image, reference, onProgress } = request
  const abort = new AbortController()
  const signal = AbortSignal.any([request.signal, abort.signal])
  const push = { writer, store, reference, onProgress, signal }
  const sent = new Map<string, PackedLayer>()
  const waiting = [...new Map(image.diffIds.map((diffId, index) => [diffId, came?.layers[index]] as const))]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      signal.throwIfAborted()
      const [diffId, descriptor] = next
      const { size = 0 } = (await lease.layerInfo(diffId)) ?? {}
      const wanted = descriptor && { mediaType: '', ...descriptor }
      const packed = await pushLayer(push, { diffId, size, ...(wanted === undefined ? {} : { wanted }) })
      await store.rememberPacked(diffId, packed, `${reference.domain}/${reference.path}`)
      sent.set(diffId, packed)
    }
  }
  const workers = Array.from({ length: PARALLEL }, worker)
  try {
    await Promise.all(workers)
  } catch (error) {
    abort.abort(error)
    await Promise.allSettled(workers)
    throw error
  }
  return image.diffIds.flatMap(diffId => sent.get(diffId) ?? [])
}

function isAsItCame({ layers: wanted }: ImageManifest, layers: readonly PackedLayer[]): boolean {
  return wanted.every(({ digest }, index) => digest === layers[index]?.digest)
}

function manifestFor(id: string, config: Uint8Array, layers: readonly PackedLayer[]): ManifestContent {
  const mediaType = MEDIA_TYPE.manifest
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: OCI_CONFIG, digest: id, size: config.length },
    layers: layers.map(({ digest, size, mediaType: type }) => ({
      mediaType: ociLayerType(type),
      digest,
      size,
    })),
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  return { mediaType, digest: digestOf(bytes), bytes }
}

/** An image that was removed meanwhile stays so. */
async function remember(
  { store, image, reference: { domain, path } }: PushRequest,
  config: Uint8Array,
  manifests: readonly ManifestContent[],
): Promise<void> {
  const [top] = manifests
  if (top === undefined) return
  if ((await store.resolve(image.id)) === undefined) return
  const pinned = canonicalReference({ domain, path, digest: top.digest })
  await store.addImage(parseImageConfig(config), [pinned], config, manifests)
}
