import { failure } from '../../diagnostics/index.ts'
import type { ImageRecord, ImageStore, SavedImage } from '../../image/index.ts'
import { formatPlatform, type Platform, platformDistance } from '../../oci/platform.ts'
import { familiarName, familiarReference, parseReference, splitReference } from '../../oci/reference.ts'

/**
 * The images that `save` was asked for, each once: a tag with that tag, a repository with all its tags, an id without any; where
 * platforms are named, of each only those for them. Raises IMAGE_NOT_FOUND, IMAGE_PLATFORM.
 */
export async function imagesToSave(
  store: ImageStore,
  names: readonly string[],
  platforms: readonly Platform[],
): Promise<readonly SavedImage[]> {
  const wanted = new Map<string, SavedImage>()
  for (const name of names) {
    for (const { id: main, tags } of await imagesOf(store, name)) {
      const all = await store.platformsOf(tags[0] ?? main)
      const [id = main, ...otherPlatforms] = imagesFor(name, all, platforms).map(image => image.id)
      const key = [id, ...otherPlatforms].join(' ')
      const known = wanted.get(key)?.tags ?? []
      wanted.set(key, { id, tags: [...new Set([...known, ...tags])], otherPlatforms })
    }
  }
  if (wanted.size === 0) throw notFound('')
  return [...wanted.values()]
}

async function imagesOf(
  store: ImageStore,
  name: string,
): Promise<readonly Pick<SavedImage, 'id' | 'tags'>[]> {
  const { tag, digest } = splitReference(name)
  if (tag === undefined && digest === undefined) {
    const tagged = (await store.list()).flatMap(({ id, repoTags }) => {
      const tags = repoTags.filter(each => familiarName(parseReference(each)) === name)
      return tags.length === 0 ? [] : [{ id, tags }]
    })
    if (tagged.length > 0) return tagged
  }
  const image = await store.resolve(name)
  if (image === undefined) throw notFound(name)
  const own = tag === undefined ? undefined : familiarReference(parseReference(name))
  return [{ id: image.id, tags: image.repoTags.filter(each => each === own) }]
}

/** Of the images of a name those for some platforms; all where none is named. Raises IMAGE_PLATFORM for one that it has none for. */
export function imagesFor(
  name: string,
  images: readonly ImageRecord[],
  platforms: readonly Platform[],
): readonly ImageRecord[] {
  if (platforms.length === 0) return images
  const chosen = platforms.map(platform => {
    const [closest] = images
      .flatMap(image => {
        const distance = platformDistance(platform, image)
        return distance === undefined ? [] : [{ image, distance }]
      })
      .sort((a, b) => a.distance - b.distance)
    if (closest === undefined) throw notForPlatform(name, images[0], platform)
    return closest.image
  })
  return [...new Set(chosen)]
}

/** An image is there, but for another platform than is wanted. */
export function notForPlatform(name: string, image: ImageRecord | undefined, wanted: Platform): Error {
  return failure({
    code: 'IMAGE_PLATFORM',
    kind: 'notFound',
    summary: `image "${name}" is there, but not for ${formatPlatform(wanted)}`,
    facts: {
      reference: name,
      own: image === undefined ? '' : formatPlatform(image),
      platform: formatPlatform(wanted),
    },
  })
}

function notFound(name: string): Error {
  return failure({ code: 'IMAGE_NOT_FOUND', kind: 'notFound', summary: `No such image: ${name}` })
}
