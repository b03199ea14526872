import type { ImagePullOptions, ProgressMessage } from '../../api/types/index.ts'
import { type ImageRecord, type ImageStore, tagsInRegistry } from '../../image/index.ts'
import { AsyncQueue } from '../../linux/async-queue.ts'
import type { CredentialSource } from '../../oci/credentials.ts'
import { parsePlatform } from '../../oci/platform.ts'
import {
  familiarName,
  familiarReference,
  parseReference,
  type Reference,
  splitReference,
} from '../../oci/reference.ts'
import { renderProgress } from './render.ts'
import { unprompted } from './unprompted.ts'

/** What a pull tells of, besides its messages. */
type OnPulled = (reference: string, image: ImageRecord) => void

/**
 * Pulls an image, or every tag of its repository where neither tag nor digest is named, with the lines that Docker's clients show
 * and read. A reference that no source can know (it is malformed) fails before the stream begins.
 */
export function pullTags(
  store: ImageStore,
  options: ImagePullOptions,
  onPulled: OnPulled,
  signal: AbortSignal,
): AsyncIterable<ProgressMessage> {
  const named = parseReference(options.reference)
  const { platform } = options
  const queue = new AsyncQueue<ProgressMessage>()
  const work: Work = {
    store,
    ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
    // A mirror is somebody else.
    credentials: async domain => (domain === named.domain ? options.auth : undefined),
    say: message => queue.push(message),
    onPulled,
    signal,
  }
  const { tag, digest } = splitReference(options.reference)
  const pulling = tag === undefined && digest === undefined ? pullAll(work, named) : pullNamed(work, named)
  void pulling.then(
    () => queue.end(),
    error => queue.end(unprompted(error, denied(named))),
  )
  return queue
}

interface Work {
  readonly store: ImageStore
  readonly platform?: ReturnType<typeof parsePlatform>
  readonly credentials: CredentialSource
  readonly say: (message: ProgressMessage) => void
  readonly onPulled: OnPulled
  readonly signal: AbortSignal
}

async function pullNamed(work: Work, reference: Reference): Promise<void> {
  const isNew = await pullOne(work, reference)
  work.say(statusOf(isNew, familiarReference(reference)))
}

/** One after the other, as Docker's clients show them; the first that fails ends it. */
async function pullAll(work: Work, { domain, path }: Reference): Promise<void> {
  let isNew = false
  const repository = { domain, path }
  for (const tag of await tagsInRegistry(repository, work.credentials, work.signal))
    isNew = (await pullOne(work, { ...repository, tag })) || isNew
  work.say(statusOf(isNew, familiarName(repository)))
}

/** Tells whether the name stands for another image than before. */
async function pullOne(work: Work, reference: Reference): Promise<boolean> {
  const { store, platform, credentials, signal, say } = work
  const name = familiarReference(reference)
  const before = (await store.resolve(name))?.id
  const image = await store.ensure(name, {
    policy: 'always',
    signal,
    credentials,
    ...(platform === undefined ? {} : { platform }),
    onProgress: progress => say(renderProgress(progress)),
  })
  const digest = image.repoDigests.find(each => each.startsWith(`${familiarName(reference)}@`))
  if (digest !== undefined) say({ status: `Digest: ${digest.slice(digest.indexOf('@') + 1)}` })
  work.onPulled(name, image)
  return image.id !== before
}

function statusOf(isNew: boolean, name: string): ProgressMessage {
  return { status: `Status: ${isNew ? 'Downloaded newer image' : 'Image is up to date'} for ${name}` }
}

function denied(named: Reference): string {
  return `pull access denied for ${familiarName(named)}, repository does not exist or may require 'docker login'`
}
