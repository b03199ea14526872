import { Failure } from '../../../diagnostics/index.ts'
import type { Descriptor } from '../../../oci/descriptor.ts'
import { chooseManifest, type ImageIndex, type ImageManifest, parseManifest } from '../../../oci/manifest.ts'
import { MEDIA_TYPE } from '../../../oci/media-types.ts'
import { hostPlatform } from '../../../oci/platform.ts'
import { parseImageConfig } from '../../config.ts'
import type { ManifestContent } from '../../registry/index.ts'
import { documentsOf, predicatesIn } from '../attestations.ts'
import type { ArchiveFiles, ArchiveImage } from './archive-files.ts'
import { asInvalid, invalid, parseText, tagOf } from './invalid.ts'
import { legacyImages } from './legacy-images.ts'

/**
 * The images of an archive: `docker save` of today and before has a manifest.json, an OCI layout its index.json, and archives
 * from before 2016 have repositories alone. Raises IMAGE_ARCHIVE_INVALID.
 */
export function imagesOf(files: ArchiveFiles): readonly ArchiveImage[] {
  const manifest = files.text('manifest.json')
  if (manifest !== undefined) return dockerImages(files, manifest)
  const index = files.text('index.json')
  if (index !== undefined && files.text('oci-layout') !== undefined) return layoutImages(files, index)
  const repositories = files.text('repositories')
  if (repositories !== undefined) return legacyImages(files, parseText(repositories, 'repositories'))
  throw invalid('it has neither manifest.json nor index.json nor repositories')
}

/** What one name has for other platforms is told by the index alone. */
function dockerImages(files: ArchiveFiles, bytes: Buffer): readonly ArchiveImage[] {
  const items = parseText(bytes, 'manifest.json')
  if (!Array.isArray(items) || items.length === 0) throw invalid('"manifest.json" is no list of images')
  const index = files.text('index.json')
  const indexed = index === undefined ? [] : indexedImages(files, index)
  return items.map((item: unknown) => {
    const { Config, RepoTags, Layers } = (item ?? {}) as { readonly [field: string]: unknown }
    if (typeof Config !== 'string' || !isTexts(Layers ?? []) || !isTexts(RepoTags ?? []))
      throw invalid('"manifest.json" names no config or no layers')
    const image = imageOf(files, Config, (Layers ?? []) as readonly string[])
    const tags = ((RepoTags ?? []) as readonly string[]).map(tagOf)
    const same = indexed.find(({ bytes: other }) => Buffer.compare(other, image.bytes) === 0)
    return { ...image, tags, ...saidAlone(same), others: (same?.others ?? []).map(withoutManifests) }
  })
}

/** Manifests of plain layers are those of the archive: no registry has them, and what is said of an image is said of its next one. */
function withoutManifests(image: ArchiveImage): ArchiveImage {
  return { ...image, ...saidAlone(image) }
}

function saidAlone(image: ArchiveImage | undefined): Pick<ArchiveImage, 'manifests' | 'predicates'> {
  return { manifests: [], predicates: predicatesIn((image?.manifests ?? []).map(({ bytes }) => bytes)) }
}

/** An index that does not fit takes nothing away from what manifest.json says. */
function indexedImages(files: ArchiveFiles, index: Buffer): readonly ArchiveImage[] {
  try {
    return layoutImages(files, index)
  } catch (error) {
    if (error instanceof Failure && error.code === 'IMAGE_ARCHIVE_INVALID') return []
    throw error
  }
}

function layoutImages(files: ArchiveFiles, bytes: Buffer): readonly ArchiveImage[] {
  const { manifests } = (parseText(bytes, 'index.json') ?? {}) as { readonly manifests?: unknown }
  if (!Array.isArray(manifests) || manifests.length === 0) throw invalid('"index.json" names no image')
  return manifests.map((descriptor: unknown) => {
    const { digest, mediaType, size, annotations } = (descriptor ?? {}) as {
      readonly [field: string]: unknown
    }
    if (typeof digest !== 'string') throw invalid('"index.json" names a manifest without a digest')
    if (typeof size === 'number') checkSize(files, { digest, size })
    const type = typeof mediaType === 'string' ? mediaType : MEDIA_TYPE.manifest
    return { ...layoutImage(files, contentOf(files, digest, type)), tags: annotatedTags(annotations) }
  })
}

/** The image of a manifest; of an index the one for this machine, or else the first, with the others that are there whole. */
function layoutImage(files: ArchiveFiles, content: ManifestContent): ArchiveImage {
  const manifest = parsed(content)
  if (manifest.kind === 'manifest') return { ...manifestImage(files, manifest), manifests: [content] }
  const whole = manifest.manifests.filter(each => isWhole(files, each))
  const own = chooseManifest({ ...manifest, manifests: whole }, hostPlatform()) ?? whole[0]
  if (own === undefined) throw invalid(`of the images of ${content.digest} none is there whole`)
  const imageAt = (descriptor: Descriptor): ArchiveImage => {
    checkSize(files, descriptor)
    const inner = contentOf(files, descriptor.digest, descriptor.mediaType ?? MEDIA_TYPE.manifest)
    const found = parsed(inner)
    if (found.kind === 'index') throw invalid(`${content.digest} is an index of indexes`)
    const said = manifest.manifests.filter(({ about }) => about === inner.digest)
    const documents = said.flatMap(each => attestationIn(files, each))
    return { ...manifestImage(files, found), manifests: [content, inner, ...documents] }
  }
  const others = whole.filter(({ digest }) => digest !== own.digest).map(imageAt)
  return { ...imageAt(own), others }
}

/** What is said of an image: a manifest and what it names; nothing where that is not whole. */
function attestationIn(files: ArchiveFiles, descriptor: Descriptor): readonly ManifestContent[] {
  const { digest, mediaType = MEDIA_TYPE.manifest } = descriptor
  const bytes = files.text(blobName(digest))
  if (bytes === undefined) return []
  const content = { digest, mediaType, bytes }
  const documents = documentsOf(content) ?? []
  const whole = documents.flatMap(each => {
    const found = files.text(blobName(each.digest))
    return found === undefined ? [] : [{ digest: each.digest, mediaType: each.mediaType ?? '', bytes: found }]
  })
  return whole.length > 0 && whole.length === documents.length ? [content, ...whole] : []
}

/** What is said of images is for no platform. */
function isWhole(
  files: ArchiveFiles,
  { digest, mediaType, platform }: ImageIndex['manifests'][number],
): boolean {
  const bytes = files.text(blobName(digest))
  if (bytes === undefined || platform?.os === 'unknown') return false
  const manifest = parsed({ digest, mediaType: mediaType ?? MEDIA_TYPE.manifest, bytes })
  if (manifest.kind === 'index') return true
  return (
    files.text(blobName(manifest.config.digest)) !== undefined &&
    manifest.layers.every(layer => files.layer(blobName(layer.digest)) !== undefined)
  )
}

function manifestImage(files: ArchiveFiles, { config, layers }: ImageManifest): ArchiveImage {
  for (const descriptor of [config, ...layers]) checkSize(files, descriptor)
  const names = layers.map(({ digest }) => blobName(digest))
  const image = imageOf(files, blobName(config.digest), names)
  return { ...image, tags: [], manifests: [], predicates: [], others: [] }
}

function contentOf(files: ArchiveFiles, digest: string, mediaType: string): ManifestContent {
  const bytes = files.text(blobName(digest))
  if (bytes === undefined) throw invalid(`it lacks ${digest}`)
  return { digest, mediaType, bytes }
}

function checkSize(files: ArchiveFiles, { digest, size }: Descriptor): void {
  const got = files.size(blobName(digest))
  if (got !== undefined && got !== size)
    throw invalid(`${digest} has ${got} bytes, its descriptor says ${size}`)
}

function parsed(content: ManifestContent): ImageManifest | ImageIndex {
  return asInvalid(() => parseManifest(content.bytes, content.mediaType))
}

/** Tools write the whole name, or its tag alone, which names no image. */
function annotatedTags(annotations: unknown): readonly string[] {
  const { 'io.containerd.image.name': full, 'org.opencontainers.image.ref.name': name } = (annotations ??
    {}) as { readonly [name: string]: unknown }
  if (typeof full === 'string') return [tagOf(full)]
  return typeof name === 'string' && /[:/]/.test(name) ? [tagOf(name)] : []
}

function imageOf(
  files: ArchiveFiles,
  configName: string,
  layerNames: readonly string[],
): Pick<ArchiveImage, 'config' | 'bytes' | 'layers'> {
  const bytes = files.text(configName)
  if (bytes === undefined) throw invalid(`it lacks the config ${JSON.stringify(configName)}`)
  const config = asInvalid(() => parseImageConfig(bytes))
  const diffIds = config.rootfs.diff_ids
  if (diffIds.length !== layerNames.length)
    throw invalid(`${configName} names ${diffIds.length} layers, the archive ${layerNames.length}`)
  const layers = layerNames.map((name, at) => {
    const layer = files.layer(name)
    if (layer === undefined) throw invalid(`it lacks the layer ${JSON.stringify(name)}`)
    if (layer.diffId !== diffIds[at])
      throw invalid(`the layer ${JSON.stringify(name)} is ${layer.diffId}, its config says ${diffIds[at]}`)
    return layer
  })
  return { config, bytes, layers }
}

function blobName(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(each => typeof each === 'string')
}
