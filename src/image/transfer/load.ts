import { failure } from '../../diagnostics/index.ts'
import { formatPlatform, type Platform, platformDistance } from '../../oci/platform.ts'
import { familiarReference, parseReference } from '../../oci/reference.ts'
import type { Progress } from '../progress.ts'
import type { StoreLease } from '../store/lease.ts'
import type { ImageStore } from '../store/types.ts'
import { ArchiveFiles, type ArchiveImage } from './archive/archive-files.ts'
import { imagesOf } from './archive/archive-images.ts'

/** What loads an archive. */
export interface LoadOptions {
  readonly store: ImageStore
  readonly onProgress?: (progress: Progress) => void
  readonly signal?: AbortSignal
  /** Only images for these; all where none is named. */
  readonly platforms?: readonly Platform[]
}

/** An image that was loaded. */
export interface LoadedImage {
  readonly id: string
  /** Familiar forms. */
  readonly tags: readonly string[]
  /** Tags that other images had until now, with the ids of those. */
  readonly moved: readonly { readonly tag: string; readonly from: string }[]
}

/**
 * Loads the images of an archive, in any form that `docker save` has had, or an OCI layout, compressed or not. It is read
 * once, layers are unpacked as they pass, and nothing gets a name before all of it was seen to fit together. Raises
 * IMAGE_ARCHIVE_INVALID, IMAGE_ARCHIVE_PLATFORM and what unpacking raises.
 */
export async function loadImages(
  source: AsyncIterable<Buffer>,
  { store, onProgress = () => undefined, signal = new AbortController().signal, platforms = [] }: LoadOptions,
): Promise<readonly LoadedImage[]> {
  const lease = await store.lease()
  try {
    const files = await ArchiveFiles.read(source, { lease, onProgress, signal })
    const images = imagesFor(imagesOf(files), platforms)
    for (const image of images.flatMap(each => [each, ...each.others])) await commitLayers(lease, image)
    const loaded: LoadedImage[] = []
    for (const image of images) loaded.push(await addImage(store, image))
    return loaded
  } finally {
    await lease.end()
  }
}

/** An image without those of its name that are for other platforms. */
function imagesFor(images: readonly ArchiveImage[], platforms: readonly Platform[]): readonly ArchiveImage[] {
  if (platforms.length === 0) return images
  const chosen = images.flatMap((image): readonly ArchiveImage[] => {
    const fitting = [image, ...image.others].filter(({ config }) =>
      platforms.some(platform => platformDistance(platform, config) !== undefined),
    )
    const [first, ...others] = fitting
    return first === undefined ? [] : [{ ...first, tags: image.tags, others }]
  })
  if (chosen.length > 0) return chosen
  throw failure({
    code: 'IMAGE_ARCHIVE_PLATFORM',
    kind: 'notFound',
    summary: `the archive has no image for ${platforms.map(formatPlatform).join(', ')}`,
  })
}

async function commitLayers(lease: StoreLease, { layers }: ArchiveImage): Promise<void> {
  for (const { diffId, made } of layers) {
    if (made !== undefined && (await lease.layerInfo(diffId)) === undefined)
      await made.draft.commitAs(made.info)
  }
}

async function addImage(
  store: ImageStore,
  { config, bytes, tags, manifests, predicates, others }: ArchiveImage,
): Promise<LoadedImage> {
  const before = await Promise.all(tags.map(async tag => (await store.resolve(tag))?.id))
  const { id } = await store.addImage(config, others.length === 0 ? tags : [], bytes, manifests)
  if (predicates.length > 0) await store.attest(id, predicates)
  if (others.length > 0) {
    const ids = [id]
    for (const other of others) {
      ids.push((await store.addImage(other.config, [], other.bytes, other.manifests)).id)
      if (other.predicates.length > 0) await store.attest(ids.at(-1) ?? '', other.predicates)
    }
    await store.nameAll(tags, ids)
  }
  const familiar = tags.map(tag => familiarReference(parseReference(tag)))
  const moved = familiar.flatMap((tag, at) => {
    const from = before[at]
    return from === undefined || from === id ? [] : [{ tag, from }]
  })
  return { id, tags: familiar, moved }
}
