import { chooseManifest, parseManifest } from '../../../oci/manifest.ts'
import { MEDIA_TYPE } from '../../../oci/media-types.ts'
import { hostPlatform } from '../../../oci/platform.ts'
import { parseImageConfig } from '../../config.ts'
import type { ManifestContent } from '../../registry/index.ts'
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

function dockerImages(files: ArchiveFiles, bytes: Buffer): readonly ArchiveImage[] {
  const items = parseText(bytes, 'manifest.json')
  if (!Array.isArray(items) || items.length === 0) throw invalid('"manifest.json" is no list of images')
  return items.map((item: unknown) => {
    const { Config, RepoTags, Layers } = (item ?? {}) as { readonly [field: string]: unknown }
    if (typeof Config !== 'string' || !isTexts(Layers ?? []) || !isTexts(RepoTags ?? []))
      throw invalid('"manifest.json" names no config or no layers')
    const names = (Layers ?? []) as readonly string[]
    const tags = ((RepoTags ?? []) as readonly string[]).map(tagOf)
    return { ...imageOf(files, Config, names), tags, manifests: [] }
  })
}

function layoutImages(files: ArchiveFiles, bytes: Buffer): readonly ArchiveImage[] {
  const { manifests } = (parseText(bytes, 'index.json') ?? {}) as { readonly manifests?: unknown }
  if (!Array.isArray(manifests) || manifests.length === 0) throw invalid('"index.json" names no image')
  return manifests.map((descriptor: unknown) => {
    const { digest, mediaType, annotations } = (descriptor ?? {}) as { readonly [field: string]: unknown }
    if (typeof digest !== 'string') throw invalid('"index.json" names a manifest without a digest')
    const type = typeof mediaType === 'string' ? mediaType : MEDIA_TYPE.manifest
    const contents = manifestsOf(files, digest, type)
    const manifest = parsed(contents.at(-1))
    if (manifest?.kind !== 'manifest') throw invalid(`${digest} is an index of indexes`)
    const image = imageOf(
      files,
      blobName(manifest.config.digest),
      manifest.layers.map(layer => blobName(layer.digest)),
    )
    return { ...image, tags: annotatedTags(annotations), manifests: contents }
  })
}

/** A manifest, or an index and its manifest for this machine. */
function manifestsOf(files: ArchiveFiles, digest: string, mediaType: string): readonly ManifestContent[] {
  const bytes = files.text(blobName(digest))
  if (bytes === undefined) throw invalid(`it lacks ${digest}`)
  const content = { digest, mediaType, bytes }
  const manifest = parsed(content)
  if (manifest?.kind !== 'index') return [content]
  const chosen = chooseManifest(manifest, hostPlatform())
  if (chosen === undefined) throw invalid(`${digest} has no image for this machine`)
  return [content, ...manifestsOf(files, chosen.digest, chosen.mediaType ?? MEDIA_TYPE.manifest).slice(0, 1)]
}

function parsed(content: ManifestContent | undefined): ReturnType<typeof parseManifest> | undefined {
  return content && asInvalid(() => parseManifest(content.bytes, content.mediaType))
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
