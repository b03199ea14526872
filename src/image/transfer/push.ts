import { digestOf } from '../../oci/digest-of.ts'
import { type ImageManifest, parseManifest } from '../../oci/manifest.ts'
import { MEDIA_TYPE, OCI_CONFIG, ociLayerType } from '../../oci/media-types.ts'
import { formatPlatform, type Platform } from '../../oci/platform.ts'
import { canonicalReference, familiarName, type Reference } from '../../oci/reference.ts'
import { attestationOf, indexOf } from '../attestations/attested-index.ts'
import { imageUri } from '../attestations/predicate.ts'
import { parseImageConfig } from '../config.ts'
import type { Progress } from '../progress.ts'
import type { ImageRecord } from '../record.ts'
import { type ManifestContent, type RegistryClientOptions, RegistryWriter } from '../registry/index.ts'
import type { StoreLease } from '../store/lease.ts'
import type { PackedLayer } from '../store/packed.ts'
import type { ImageStore } from '../store/types.ts'
import { cameAttestation, cameIndex } from './attestations.ts'
import { pushLayer } from './push-layer.ts'

/** Layers that are sent at once: each takes a processor to pack it. */
const PARALLEL = 3

/** A push of one image, or of those of several platforms, under one tag. */
export interface PushRequest {
  readonly store: ImageStore
  /** The one that the tag means first. */
  readonly images: readonly ImageRecord[]
  readonly reference: Reference
  readonly credentials: RegistryClientOptions['credentials']
  readonly settings?: RegistryClientOptions['settings']
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

/** What a registry has now. */
export interface Pushed {
  /** Of the manifest or index. */
  readonly digest: string
  /** Its bytes. */
  readonly size: number
}

/** A push under way. */
interface Pushing extends PushRequest {
  readonly writer: RegistryWriter
  readonly lease: StoreLease
}

/** An image whose parts the registry has, and what describes it there. */
interface PushedImage {
  readonly image: ImageRecord
  readonly config: Uint8Array
  readonly manifest: ManifestContent
  readonly attestation?: ManifestContent
}

/**
 * Sends images to the registry of a reference: what is there already stays, the manifest is the one that an image came with where the
 * registry has its layers as that one has them; several platforms and attestations have an index, the one that they came with where it is of just these. The store knows the image by that
 * digest from then on. Raises LAYER_CHANGED, UPLOAD_BROKEN and what a registry refuses; the registry has no half image then.
 */
export async function pushImage(request: PushRequest): Promise<Pushed> {
  const { store, images, reference, credentials, settings, signal } = request
  const writer = new RegistryWriter({ credentials, signal, ...(settings === undefined ? {} : { settings }) })
  // While it is open no layer goes.
  const lease = await store.lease()
  try {
    const pushing = { ...request, writer, lease }
    const parts: PushedImage[] = []
    for (const image of images) parts.push(await pushOne(pushing, image))
    const top = await topOf(pushing, parts)
    await writer.putManifest(reference, top)
    await remember(request, top, parts)
    return { digest: top.digest, size: top.bytes.length }
  } finally {
    await lease.end()
  }
}

/** All of an image but its manifest. */
async function pushOne(pushing: Pushing, image: ImageRecord): Promise<PushedImage> {
  const { store, writer, reference } = pushing
  const config = await store.configBytes(image.id)
  const came = await manifestOf(store, image)
  const layers = await pushLayers(pushing, image, came?.manifest)
  const configDescriptor = { digest: image.id, size: config.length }
  if (!(await writer.hasBlob(reference, image.id))) await writer.putBlob(reference, configDescriptor, config)
  const manifest =
    came && isAsItCame(came.manifest, layers) ? came.content : manifestFor(image.id, config, layers)
  const attestation = await pushAttestation(pushing, image, manifest)
  return { image, config, manifest, ...(attestation === undefined ? {} : { attestation }) }
}

async function pushAttestation(
  pushing: Pushing,
  image: ImageRecord,
  manifest: ManifestContent,
): Promise<ManifestContent | undefined> {
  const { store, writer, reference } = pushing
  const predicates = await store.predicatesOf(image.id)
  if (predicates.length === 0) return pushAsItCame(pushing, image, manifest)
  const { tag = 'latest' } = reference
  const names = [imageUri(familiarName(reference), tag, formatPlatform(platformOf(image)))]
  const attestation = attestationOf(manifest, names, predicates)
  for (const { descriptor, bytes } of attestation.blobs)
    if (!(await writer.hasBlob(reference, descriptor.digest)))
      await writer.putBlob(reference, descriptor, bytes)
  return attestation.manifest
}

/** What was said of an image where it came from. */
async function pushAsItCame(
  { store, writer, reference }: Pushing,
  image: ImageRecord,
  manifest: ManifestContent,
): Promise<ManifestContent | undefined> {
  const came = await cameAttestation(store, image.id, manifest.digest)
  for (const { descriptor, bytes } of came?.documents ?? [])
    if (!(await writer.hasBlob(reference, descriptor.digest)))
      await writer.putBlob(reference, descriptor, bytes)
  return came?.manifest
}

/** What the tag is to stand for: the one manifest, or an index, whose manifests are put by their digests. */
async function topOf(
  { store, writer, reference: { domain, path } }: Pushing,
  parts: readonly PushedImage[],
): Promise<ManifestContent> {
  const [only, ...others] = parts
  const contents = parts.flatMap(({ manifest, attestation }) => [
    manifest,
    ...(attestation ? [attestation] : []),
  ])
  const came = await cameIndex(
    store,
    parts.map(({ image }) => image.id),
    contents,
  )
  const isAlone = only !== undefined && others.length === 0 && only.attestation === undefined
  if (isAlone && came === undefined) return only.manifest
  for (const content of contents) await writer.putManifest({ domain, path }, content)
  return came ?? indexOf(parts.map(part => ({ ...part, platform: platformOf(part.image) })))
}

function platformOf({ os, architecture, variant }: ImageRecord): Platform {
  return { os, architecture, ...(variant === undefined ? {} : { variant }) }
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
  pushing: Pushing,
  image: ImageRecord,
  came: ImageManifest | undefined,
): Promise<readonly PackedLayer[]> {
  const { store, writer, lease, reference, onProgress } = pushing
  const abort = new AbortController()
  const signal = AbortSignal.any([pushing.signal, abort.signal])
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
  { store, reference: { domain, path } }: PushRequest,
  top: ManifestContent,
  parts: readonly PushedImage[],
): Promise<void> {
  const known = await Promise.all(parts.map(({ image }) => store.resolve(image.id)))
  if (known.includes(undefined)) return
  for (const { config, manifest } of parts) {
    const manifests = manifest === top ? [top] : [top, manifest]
    await store.addImage(parseImageConfig(config), [], config, manifests)
  }
  const pinned = canonicalReference({ domain, path, digest: top.digest })
  await store.nameAll(
    [pinned],
    parts.map(({ image }) => image.id),
  )
}
