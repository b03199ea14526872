import { hexOf } from '../../oci/digest.ts'
import { digestOf } from '../../oci/digest-of.ts'
import { MEDIA_TYPE } from '../../oci/media-types.ts'
import { formatPlatform, type Platform } from '../../oci/platform.ts'
import { familiarName, parseReference } from '../../oci/reference.ts'
import { encodeHeader, endOfArchive, padding, plainEntry } from '../../tar/index.ts'
import { type Attestation, attestationOf, indexOf } from '../attestations/attested-index.ts'
import { imageUri } from '../attestations/predicate.ts'
import type { Pieces } from '../layer/pieces.ts'
import type { ManifestContent } from '../registry/index.ts'
import type { ImageStore } from '../store/types.ts'
import { saidOf } from './attestations.ts'

const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar'
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json'

/** An image to save. */
export interface SavedImage {
  readonly id: string
  /** Familiar forms; only those that were asked for. */
  readonly tags: readonly string[]
  /** Ids of the images for other platforms that those tags have. */
  readonly otherPlatforms?: readonly string[]
  /** With what is said of it, unless this is false. */
  readonly attested?: boolean
}

interface Layer {
  readonly diffId: string
  readonly size: number
}

interface Written {
  readonly platform: Platform
  readonly tags: readonly string[]
  readonly created: number
  readonly config: Uint8Array
  readonly manifest: ManifestContent
  /** What is said of it. */
  readonly attestation?: Attestation
  readonly layers: readonly Layer[]
  /** Of other platforms, under the same tags. */
  readonly others: readonly Written[]
}

/**
 * An archive of images as `docker save` writes it since version 25: an OCI layout that has Docker's own manifest.json as well.
 * What describes the images stands first, an index where one name has several platforms, so that whoever loads it knows each layer when it comes. Layers are made while they
 * are read; one that is not what its name says breaks the archive off (LAYER_CHANGED). A lease must be open until the end.
 * `pieces`: where the caller gives back what he gets.
 */
export async function* saveImages(
  store: ImageStore,
  images: readonly SavedImage[],
  pieces?: Pieces,
): AsyncGenerator<Buffer> {
  const written: Written[] = []
  for (const image of images) written.push(await writtenOf(store, image, image.tags))
  const all = written.flatMap(image => [image, ...image.others])
  const texts = new Map<string, Uint8Array>()
  for (const { config, manifest, attestation } of all) {
    texts.set(blobName(digestOf(config)), config)
    for (const { digest, bytes } of [manifest, ...(attestation ? [attestation.manifest] : [])])
      texts.set(blobName(digest), bytes)
    for (const { descriptor, bytes } of attestation?.blobs ?? [])
      texts.set(blobName(descriptor.digest), bytes)
  }
  for (const top of written.map(topOf)) texts.set(blobName(top.digest), top.bytes)
  for (const [name, value] of Object.entries(descriptions(written))) texts.set(name, Buffer.from(value))
  yield folder('blobs/')
  yield folder('blobs/sha256/')
  for (const [name, bytes] of texts) yield file(name, bytes)
  const layers = new Map(all.flatMap(image => image.layers.map(layer => [layer.diffId, { layer, image }])))
  for (const { layer, image } of layers.values()) {
    const { diffId, size } = layer
    yield encodeHeader(plainEntry({ type: 'file', name: blobName(diffId), size, mtime: image.created }))
    yield* store.layerTar(diffId, pieces)
    yield padding(size)
  }
  yield endOfArchive()
}

/** `names`: the tags by which what is said of it names the image. */
async function writtenOf(
  store: ImageStore,
  { id, tags, otherPlatforms = [], attested = true }: SavedImage,
  names: readonly string[],
): Promise<Written> {
  const { diffIds, created, os, architecture, variant } = await store.inspect(id)
  const config = await store.configBytes(id)
  const layers = await Promise.all(
    diffIds.map(async diffId => ({ diffId, size: await store.layerTarSize(diffId) })),
  )
  const bytes = jsonBytes({
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: { mediaType: CONFIG_TYPE, digest: id, size: config.length },
    layers: layers.map(({ diffId, size }) => ({ mediaType: LAYER_TYPE, digest: diffId, size })),
  })
  const manifest = { mediaType: MEDIA_TYPE.manifest, digest: digestOf(bytes), bytes }
  const seconds = Math.max(0, Math.floor(Date.parse(created) / 1000)) || 0
  const others = await Promise.all(
    otherPlatforms.map(other => writtenOf(store, { id: other, tags: [], attested }, names)),
  )
  const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) }
  const said = attested ? await saidOf(store, id) : []
  return {
    ...(said.length === 0 ? {} : { attestation: attestationOf(manifest, urisOf(names, platform), said) }),
    platform,
    tags,
    created: seconds,
    config,
    manifest,
    layers,
    others,
  }
}

/** BuildKit's name for an image without one. */
const NAMELESS = '_'

function urisOf(tags: readonly string[], platform: Platform): readonly string[] {
  if (tags.length === 0) return [NAMELESS]
  return tags.map(text => {
    const reference = parseReference(text)
    return imageUri(familiarName(reference), reference.tag ?? 'latest', formatPlatform(platform))
  })
}

/** What the tags of an image stand for: its manifest, or an index of several platforms and of what is said. */
function topOf(image: Written): ManifestContent {
  if (image.others.length === 0 && image.attestation === undefined) return image.manifest
  const indexed = [image, ...image.others].map(({ manifest, platform, attestation }) => ({
    manifest,
    platform,
    ...(attestation === undefined ? {} : { attestation: attestation.manifest }),
  }))
  return indexOf(indexed)
}

function jsonBytes(value: object): Buffer {
  return Buffer.from(JSON.stringify(value))
}

function descriptions(written: readonly Written[]): Readonly<Record<string, string>> {
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.index,
    manifests: written.flatMap(image => {
      const { tags } = image
      const { mediaType, digest, bytes } = topOf(image)
      const descriptor = { mediaType, digest, size: bytes.length }
      return tags.length === 0
        ? [descriptor]
        : tags.map(tag => ({ ...descriptor, annotations: annotations(tag) }))
    }),
  }
  return {
    'index.json': JSON.stringify(index),
    'manifest.json': `${JSON.stringify(written.map(dockerManifest))}\n`,
    'oci-layout': '{"imageLayoutVersion": "1.0.0"}',
    ...repositories(written),
  }
}

function annotations(tag: string): Readonly<Record<string, string>> {
  const { domain, path, tag: own = 'latest' } = parseReference(tag)
  return {
    'io.containerd.image.name': `${domain}/${path}:${own}`,
    'org.opencontainers.image.ref.name': own,
  }
}

function dockerManifest({ config, tags, layers }: Written): object {
  return {
    Config: blobName(digestOf(config)),
    RepoTags: tags.length === 0 ? null : tags,
    Layers: layers.map(({ diffId }) => blobName(diffId)),
    LayerSources: Object.fromEntries(
      layers.map(({ diffId, size }) => [diffId, { mediaType: LAYER_TYPE, size, digest: diffId }]),
    ),
  }
}

/** For loaders from before manifest.json; not there where no image has a tag. */
function repositories(written: readonly Written[]): Readonly<Record<string, string>> {
  const table: Record<string, Record<string, string>> = {}
  for (const { tags, layers } of written) {
    const top = layers.at(-1)
    for (const text of top === undefined ? [] : tags) {
      const reference = parseReference(text)
      const name = familiarName(reference)
      table[name] = { ...table[name], [reference.tag ?? 'latest']: hexOf(top?.diffId ?? '') }
    }
  }
  return Object.keys(table).length === 0 ? {} : { repositories: `${JSON.stringify(table)}\n` }
}

function folder(name: string): Buffer {
  return encodeHeader(plainEntry({ type: 'folder', name }))
}

function file(name: string, bytes: Uint8Array): Buffer {
  const header = encodeHeader(plainEntry({ type: 'file', name, size: bytes.length }))
  return Buffer.concat([header, bytes, padding(bytes.length)])
}

function blobName(digest: string): string {
  return `blobs/sha256/${hexOf(digest)}`
}
