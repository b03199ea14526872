import { failure } from '../../diagnostics/index.ts'
import type { ImageRecord, Removal } from '../../image/index.ts'
import type { Platform } from '../../oci/platform.ts'
import { familiarName, parseReference } from '../../oci/reference.ts'
import type { EngineContext } from '../state/context.ts'
import { imageUsers } from '../state/uses.ts'
import { imagesFor } from './names.ts'

const SHORT = 12

/**
 * Removes of the images that a name has for several platforms those for some: the name stays, and means one of the others. Undefined
 * where that would be all of them, which then go as any image does. Raises IMAGE_PLATFORM, IMAGE_IN_USE.
 */
export async function removePlatforms(
  engine: EngineContext,
  name: string,
  platforms: readonly Platform[],
): Promise<readonly Removal[] | undefined> {
  const { images: store } = engine
  const all = await store.platformsOf(name)
  const chosen = new Set(imagesFor(name, all, platforms).map(({ id }) => id))
  const left = all.filter(({ id }) => !chosen.has(id)).map(({ id }) => id)
  const [main] = all
  if (left.length === 0 || main === undefined) return undefined
  for (const id of chosen) refuseInUse(engine, id)
  await store.nameAll(namesMeant(main, name), left)
  const removals: Removal[] = []
  for (const id of chosen) {
    const image = await store.resolve(id)
    const isNamed = image === undefined || image.repoTags.length + image.repoDigests.length > 0
    if (!isNamed) removals.push(...(await store.remove(id)))
  }
  return removals
}

/** A tag, with the digests of its repository; all names of the image where it is named by none of its tags. */
function namesMeant({ repoTags, repoDigests }: ImageRecord, name: string): readonly string[] {
  const tag = repoTags.find(each => each === name || each === `${name}:latest`)
  if (tag === undefined) return [...repoTags, ...repoDigests]
  const repository = familiarName(parseReference(tag))
  return [tag, ...repoDigests.filter(each => each.startsWith(`${repository}@`))]
}

function refuseInUse(engine: EngineContext, id: string): void {
  const [user] = imageUsers(engine, id)
  if (user === undefined) return
  const [image, container] = [id.slice('sha256:'.length).slice(0, SHORT), user.containerId.slice(0, SHORT)]
  throw failure({
    code: 'IMAGE_IN_USE',
    kind: 'conflict',
    summary: `conflict: unable to delete ${image} (cannot be forced) - image is being used by container ${container}`,
  })
}
