import type { ImagePushOptions, ProgressMessage } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { type ImageRecord, type ImageStore, pushImage } from '../../image/index.ts'
import { AsyncQueue } from '../../linux/async-queue.ts'
import { familiarName, parseReference, type Reference, splitReference } from '../../oci/reference.ts'
import { renderProgress } from './render.ts'

/** One tag to push. */
interface Tagged {
  readonly tag: string
  /** What the tag means, and the images for other platforms that it has. */
  readonly images: readonly ImageRecord[]
}

/**
 * Pushes one tag of a repository, or all where none is named, with the lines that Docker's clients show and read; that something is not there is
 * one of them. REFERENCE_INVALID before the stream begins.
 */
export async function pushTags(
  store: ImageStore,
  name: string,
  options: ImagePushOptions,
  onPushed: (name: string, image: ImageRecord) => void,
  signal: AbortSignal,
): Promise<AsyncIterable<ProgressMessage>> {
  const { tag: named, digest } = splitReference(name)
  if (digest !== undefined) throw notTagged(name)
  const repository = parseReference(named === undefined ? name : name.slice(0, -named.length - 1))
  const tag = options.tag || named
  if (tag !== undefined) checkedTag(familiarName(repository), tag)
  const queue = new AsyncQueue<ProgressMessage>()
  const { domain, path } = repository
  const push = async (): Promise<void> => {
    queue.push({ status: `The push refers to repository [${domain}/${path}]` })
    for (const { tag, images } of await tagsOf(store, repository, options.tag || named)) {
      const { digest: pushed, size } = await pushImage({
        store,
        images,
        reference: { domain, path, tag },
        credentials: async asked => (asked === domain ? options.auth : undefined),
        signal,
        onProgress: progress => queue.push(renderProgress(progress)),
      })
      queue.push({ status: `${tag}: digest: ${pushed} size: ${size}` })
      queue.push({ aux: { Tag: tag, Digest: pushed, Size: size } })
      for (const image of images.slice(0, 1)) onPushed(`${familiarName(repository)}:${tag}`, image)
    }
  }
  void push().then(
    () => queue.end(),
    error => queue.end(error),
  )
  return queue
}

async function tagsOf(
  store: ImageStore,
  repository: Reference,
  tag: string | undefined,
): Promise<readonly Tagged[]> {
  const name = familiarName(repository)
  if (tag !== undefined && tag !== '') {
    const image = await store.resolve(`${name}:${tag}`)
    if (image === undefined) throw notThere(`An image does not exist locally with the tag: ${name}`)
    return [{ tag: checkedTag(name, tag), images: await store.platformsOf(`${name}:${tag}`) }]
  }
  const prefix = `${name}:`
  const all = (await store.list()).flatMap(image => image.repoTags.filter(each => each.startsWith(prefix)))
  if (all.length === 0) throw notThere(`An image does not exist locally with the tag: ${name}`)
  return Promise.all(
    all.map(async each => ({ tag: each.slice(prefix.length), images: await store.platformsOf(each) })),
  )
}

/** A digest or the like in a tag's place would write something else than what is meant. */
function checkedTag(name: string, tag: string): string {
  return parseReference(`${name}:${tag}`).tag ?? tag
}

function notThere(summary: string): Error {
  return failure({ kind: 'notFound', code: 'IMAGE_NOT_FOUND', summary })
}

function notTagged(name: string): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'REFERENCE_INVALID',
    summary: `"${name}" has a digest: a push goes to a tag`,
  })
}
