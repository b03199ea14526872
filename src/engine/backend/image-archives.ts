import { Readable } from 'node:stream'
import type { ImageArchiveBackend, SavedArchive } from '../../api/backend/image-archives.ts'
import type {
  ImageCommitOptions,
  ImageCommitResponse,
  ImageImportOptions,
  ProgressMessage,
} from '../../api/types/index.ts'
import { failure, messageOf } from '../../diagnostics/index.ts'
import {
  applyChanges,
  importImage,
  type LoadedImage,
  loadImages,
  Pieces,
  saveImages,
} from '../../image/index.ts'
import { AsyncQueue } from '../../linux/async-queue.ts'
import { parsePlatform } from '../../oci/platform.ts'
import { canonicalReference, parseReference } from '../../oci/reference.ts'
import { commitContainer } from '../containers/commit.ts'
import { tellImage } from '../events/image-event.ts'
import { imagesToSave } from '../images/names.ts'
import { renderProgress } from '../images/render.ts'
import { wirePlatform } from '../images/wire-platform.ts'
import type { EngineContext } from '../state/context.ts'

/** An archive is read ahead of a client who takes it more slowly, by so many pieces. */
const AHEAD = 4

/** Images to and from tars, and from containers, in Docker's words. */
export class ImageArchives implements ImageArchiveBackend {
  readonly #engine: EngineContext

  constructor(engine: EngineContext) {
    this.#engine = engine
  }

  async load(
    tar: Readable,
    { quiet, platforms }: { readonly quiet: boolean; readonly platforms: readonly string[] },
    signal: AbortSignal,
  ): Promise<AsyncIterable<ProgressMessage>> {
    const { images: store } = this.#engine
    const queue = new AsyncQueue<ProgressMessage>()
    const loading = loadImages(tar, {
      store,
      signal,
      platforms: platforms.map(wirePlatform),
      onProgress: progress => {
        if (!quiet) queue.push(renderProgress(progress))
      },
    }).then(loaded => {
      for (const image of loaded) this.#tellLoaded(image, queue)
    })
    void loading.then(
      () => queue.end(),
      error => queue.end(error),
    )
    return queue
  }

  #tellLoaded({ id, tags, moved }: LoadedImage, queue: AsyncQueue<ProgressMessage>): void {
    for (const { tag, from } of moved) {
      const stream = `The image ${tag} already exists, renaming the old one with ID ${from} to empty string\n`
      queue.push({ stream })
    }
    for (const tag of tags) queue.push({ stream: `Loaded image: ${tag}\n` })
    if (tags.length === 0) queue.push({ stream: `Loaded image ID: ${id}\n` })
    this.#tell('load', id, tags[0] ?? id)
  }

  async save(
    names: readonly string[],
    platforms: readonly string[],
    signal: AbortSignal,
  ): Promise<SavedArchive> {
    const { images: store } = this.#engine
    // What is being saved must not be collected meanwhile.
    const lease = await store.lease()
    try {
      const images = await imagesToSave(store, names, platforms.map(wirePlatform))
      const pieces = new Pieces()
      const bytes = saveImages(store, images, pieces)
      // What cannot be saved fails the call; later it could only break off the stream.
      const first = await bytes.next()
      for (const { id } of images) this.#tell('save', id, id)
      const tar = Readable.from(withFirst(first, bytes), { highWaterMark: AHEAD })
      tar.once('close', () => void bytes.return(undefined).finally(() => lease.end()))
      signal.addEventListener('abort', () => tar.destroy(), { once: true })
      return { tar, onSent: piece => pieces.giveBack(piece) }
    } catch (error) {
      await lease.end()
      throw error
    }
  }

  async import(
    tar: Readable,
    options: ImageImportOptions,
    signal: AbortSignal,
  ): Promise<AsyncIterable<ProgressMessage>> {
    const { images: store } = this.#engine
    const { repository, tag, changes, platform, source } = options
    const reference = referenceOf(repository, tag)
    const config = await applyChanges({}, changes)
    const image = await importImage(source === '-' ? tar : await fetched(source, signal), {
      store,
      config,
      comment: options.message === '' ? `Imported from ${source}` : options.message,
      references: reference === undefined ? [] : [reference],
      signal,
      ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
    })
    this.#tell('import', image.id, image.repoTags[0] ?? image.id)
    return Readable.from([{ status: image.id }])
  }

  async commit(options: ImageCommitOptions, signal: AbortSignal): Promise<ImageCommitResponse> {
    const reference = referenceOf(options.repository, options.tag)
    const Id = await commitContainer(this.#engine, options, reference, signal)
    return { Id }
  }

  #tell(action: string, id: string, name: string): void {
    tellImage(this.#engine, action, id, name)
  }
}

/** In full; undefined when no repository is named. Raises REFERENCE_INVALID. */
function referenceOf(repository: string | undefined, tag: string | undefined): string | undefined {
  if (repository === undefined) return undefined
  const parsed = parseReference(tag === undefined ? repository : `${repository}:${tag}`)
  if (parsed.digest === undefined) return canonicalReference(parsed)
  throw failure({
    code: 'REFERENCE_INVALID',
    kind: 'invalidArgument',
    summary: `"${repository}" has a digest and cannot be a tag`,
  })
}

async function* withFirst(
  first: IteratorResult<Buffer>,
  rest: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  if (first.done !== true) yield first.value
  yield* rest
}

/** What lies at a URL, as `docker import http://…` has it. */
async function fetched(url: string, signal: AbortSignal): Promise<Readable> {
  const address = URL.canParse(url) ? url : `http://${url}`
  const response = await fetch(address, { signal }).catch((error: unknown) => {
    throw unreadable(url, messageOf(error))
  })
  if (!response.ok || response.body === null) throw unreadable(url, `the answer is ${response.status}`)
  return Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
}

function unreadable(url: string, detail: string): Error {
  return failure({
    kind: 'invalidArgument',
    code: 'IMAGE_IMPORT_SOURCE',
    summary: `cannot import from "${url}"`,
    detail,
  })
}
