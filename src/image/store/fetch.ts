import { failure } from '../../diagnostics/index.ts'
import { canonicalReference, familiarReference, type Reference } from '../../oci/reference.ts'
import type { Progress } from '../progress.ts'
import type { ImageRecord } from '../record.ts'
import type { ImageSource } from './source.ts'
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
  const key = canonicalReference(reference)
  const shared = fetches.get(key) ?? begin(store, fetches, sources, reference)
  const listener = options.onProgress ?? ((): void => undefined)
  shared.listeners.add(listener)
  shared.waiting += 1
  try {
    return await untilAborted(shared.result, options.signal)
  } finally {
    shared.listeners.delete(listener)
    shared.waiting -= 1
    if (shared.waiting === 0) shared.abort.abort()
  }
}

function begin(
  store: ImageStore,
  fetches: SharedFetches,
  sources: readonly ImageSource[],
  reference: Reference,
): SharedFetch {
  const key = canonicalReference(reference)
  const listeners: SharedFetch['listeners'] = new Set()
  const abort = new AbortController()
  const onProgress = (progress: Progress): void => {
    for (const listener of listeners) listener(progress)
  }
  const result = ask(store, sources, reference, onProgress, abort.signal).finally(() => fetches.delete(key))
  // Whoever waits sees the failure; when all have gone nobody does, and nobody shall.
  result.catch(() => undefined)
  const shared: SharedFetch = { listeners, abort, result, waiting: 0 }
  fetches.set(key, shared)
  return shared
}

async function ask(
  store: ImageStore,
  sources: readonly ImageSource[],
  reference: Reference,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal,
): Promise<ImageRecord> {
  const session = await store.session()
  const reasons: string[] = []
  try {
    for (const source of sources) {
      const answer = await source.fetch(reference, { session, onProgress, signal })
      if ('config' in answer) return await store.addImage(answer.config, [canonicalReference(reference)])
      reasons.push(`${source.name}: ${answer.unavailable}`)
    }
    throw nowhere(reference, reasons)
  } finally {
    await session.end()
  }
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
