import { Failure, failure } from '../../diagnostics/index.ts'
import type { CredentialSource } from '../../oci/credentials.ts'
import { formatPlatform, hostPlatform, platformDistance } from '../../oci/platform.ts'
import { canonicalReference, familiarName, familiarReference, type Reference } from '../../oci/reference.ts'
import type { Progress } from '../progress.ts'
import type { ImageRecord } from '../record.ts'
import type { ImageSource, SourceContext, SourcedImage } from './source.ts'
import type { EnsureOptions, ImageStore } from './types.ts'

/** A fetch that several callers wait for. It is aborted when the last of them has gone. */
interface SharedFetch {
  readonly listeners: Set<(progress: Progress) => void>
  readonly abort: AbortController
  readonly result: Promise<ImageRecord>
  waiting: number
}

/** Fetches under way, by full reference. */
export type SharedFetches = Map<string, SharedFetch>

/** The image from the first source that has it; callers for one reference share one fetch. */
export async function fetchFromSources(
  store: ImageStore,
  fetches: SharedFetches,
  sources: readonly ImageSource[],
  reference: Reference,
  options: EnsureOptions,
): Promise<ImageRecord> {
  options.signal?.throwIfAborted()
  const key = keyOf(reference, options)
  const shared = fetches.get(key) ?? begin(store, fetches, sources, reference, options)
  const listener = options.onProgress ?? ((): void => undefined)
  shared.listeners.add(listener)
  shared.waiting += 1
  try {
    return await untilAborted(shared.result, options.signal)
  } finally {
    shared.listeners.delete(listener)
    shared.waiting -= 1
    if (shared.waiting === 0) {
      // Nobody joins it any more: it ends by its abort.
      forget(fetches, key, shared)
      shared.abort.abort()
    }
  }
}

function begin(
  store: ImageStore,
  fetches: SharedFetches,
  sources: readonly ImageSource[],
  reference: Reference,
  options: EnsureOptions,
): SharedFetch {
  const key = keyOf(reference, options)
  const listeners: SharedFetch['listeners'] = new Set()
  const abort = new AbortController()
  const onProgress = (progress: Progress): void => {
    for (const listener of listeners) listener(progress)
  }
  const { platform, credentials = nobody } = options
  const asking = {
    credentials,
    onProgress,
    signal: abort.signal,
    ...(platform === undefined ? {} : { platform }),
  }
  const result = ask(store, sources, reference, asking).finally(() => forget(fetches, key, shared))
  // Whoever waits sees the failure; when all have gone nobody does, and nobody shall.
  result.catch(() => undefined)
  const shared: SharedFetch = { listeners, abort, result, waiting: 0 }
  fetches.set(key, shared)
  return shared
}

/** Another may be under way for the same image since. */
function forget(fetches: SharedFetches, key: string, shared: SharedFetch): void {
  if (fetches.get(key) === shared) fetches.delete(key)
}

async function ask(
  store: ImageStore,
  sources: readonly ImageSource[],
  reference: Reference,
  asking: Omit<SourceContext, 'lease'>,
): Promise<ImageRecord> {
  const lease = await store.lease()
  const reasons: string[] = []
  try {
    const known = await knownOf(store, reference, asking)
    for (const source of sources) {
      const answer = await source.fetch(reference, { lease, ...known, ...asking })
      if ('isUnchanged' in answer) return await stillThere(store, reference, asking)
      if ('config' in answer) return await add(store, reference, answer)
      reasons.push(`${source.name}: ${answer.unavailable}`)
    }
    throw nowhere(reference, reasons)
  } finally {
    await lease.end()
  }
}

/** What the store can say of the name, see `SourceContext.has`. */
async function knownOf(
  store: ImageStore,
  reference: Reference,
  { platform }: Pick<SourceContext, 'platform'>,
): Promise<Pick<SourceContext, 'has'>> {
  const name = familiarReference(reference)
  const image = reference.digest === undefined ? await store.resolve(name, platform) : undefined
  const isMeant =
    image?.repoTags.includes(name) && platformDistance(platform ?? hostPlatform(), image) !== undefined
  if (image === undefined || !isMeant) return {}
  const pinned = `${familiarName(reference)}@`
  return {
    has: async digest => image.repoDigests.includes(`${pinned}${digest}`) && (await isWhole(store, image)),
  }
}

async function isWhole(store: ImageStore, { id }: ImageRecord): Promise<boolean> {
  try {
    await store.layersOf(id)
    return true
  } catch (error) {
    if (error instanceof Failure && ['LAYER_MISSING', 'IMAGE_NOT_FOUND'].includes(error.code)) return false
    throw error
  }
}

/** It counts as used, and as pulled. */
async function stillThere(
  store: ImageStore,
  reference: Reference,
  { platform }: Pick<SourceContext, 'platform'>,
): Promise<ImageRecord> {
  const name = familiarReference(reference)
  const image = (await store.use(name, () => undefined, platform)) ?? (await store.inspect(name))
  await store.confirm(image.id)
  return image
}

function add(store: ImageStore, reference: Reference, image: SourcedImage): Promise<ImageRecord> {
  const { tag, digest } = reference
  // A tag beside a digest says what somebody took it for: the digest alone decides, and names the image.
  const own = tag !== undefined && digest === undefined ? [canonicalReference(reference)] : []
  return store.addImage(image.config, [...own, ...(image.references ?? [])], image.bytes, image.manifests)
}

const nobody: CredentialSource = async () => undefined

/** Who asks for the same image of the same platform shares a fetch. */
function keyOf(reference: Reference, { platform }: EnsureOptions): string {
  return `${canonicalReference(reference)} ${platform === undefined ? '' : formatPlatform(platform)}`
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

function nowhere(reference: Reference, reasons: readonly string[]): Error {
  return failure({
    code: 'IMAGE_NOT_FOUND',
    kind: 'notFound',
    summary: `image "${familiarReference(reference)}" was found nowhere`,
    detail: ['local store: not there', ...reasons].join('\n'),
    hint: 'check the name, or build the image from a Dockerfile on debian or ubuntu',
  })
}
