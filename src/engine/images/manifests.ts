import type { ImageManifestSummary } from '../../api/types/index.ts'
import type { ImageRecord, ImageStore } from '../../image/index.ts'
import { parseManifest } from '../../oci/manifest.ts'
import { isManifestType, OCI_CONFIG } from '../../oci/media-types.ts'

/** Who uses an image, by its id: ids of containers. */
export type UsersOf = (imageId: string) => readonly string[]

/**
 * The images that one name has, each for its platform, as `docker image ls --tree` shows them. An image that was made here has no
 * manifest before it is pushed or saved: its config stands for it. `Content` is what is kept packed, which is what describes it alone.
 */
export async function manifestsOf(
  store: ImageStore,
  image: ImageRecord,
  usersOf: UsersOf,
): Promise<readonly ImageManifestSummary[]> {
  const others = await Promise.all(image.otherPlatforms.map(id => store.resolve(id)))
  const images = [image, ...others].filter(each => each !== undefined)
  return Promise.all(images.map(each => summaryOf(store, each, usersOf)))
}

async function summaryOf(
  store: ImageStore,
  image: ImageRecord,
  usersOf: UsersOf,
): Promise<ImageManifestSummary> {
  const config = (await store.configBytes(image.id)).length
  const manifest = await ownManifest(store, image.id)
  const content = config + (manifest?.size ?? 0)
  const { os, architecture, variant } = image
  return {
    ID: image.id,
    Descriptor: manifest ?? { mediaType: OCI_CONFIG, digest: image.id, size: config },
    Available: true,
    Kind: 'image',
    Size: { Content: content, Total: content + image.size },
    ImageData: {
      Platform: { os, architecture, ...(variant === undefined ? {} : { variant }) },
      Containers: usersOf(image.id),
      Size: { Unpacked: image.size },
    },
  }
}

/** The manifest that it came with, of the images of an index its own. */
async function ownManifest(
  store: ImageStore,
  id: string,
): Promise<ImageManifestSummary['Descriptor'] | undefined> {
  for (const { digest, mediaType, bytes } of await store.manifestsOf(id)) {
    if (!isManifestType(mediaType)) continue
    const manifest = parseManifest(bytes, mediaType)
    if (manifest.kind === 'manifest' && manifest.config.digest === id)
      return { mediaType, digest, size: bytes.length }
  }
  return undefined
}
