import { failure } from '../../diagnostics/index.ts'
import type { ImageStore, SavedImage } from '../../image/index.ts'
import { familiarName, familiarReference, parseReference, splitReference } from '../../oci/reference.ts'

/**
 * The images that `save` was asked for, each once: a tag with that tag, a repository with all its tags, an id without any.
 * Raises IMAGE_NOT_FOUND.
 */
export async function imagesToSave(
  store: ImageStore,
  names: readonly string[],
): Promise<readonly SavedImage[]> {
  const wanted = new Map<string, SavedImage>()
  for (const name of names) {
    for (const { id, tags } of await imagesOf(store, name)) {
      const [, ...others] = await store.platformsOf(tags[0] ?? id)
      const otherPlatforms = others.map(other => other.id)
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

function notFound(name: string): Error {
  return failure({ code: 'IMAGE_NOT_FOUND', kind: 'notFound', summary: `No such image: ${name}` })
}
