import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterClient, KindRef, ListOptions } from './client.ts'
import { isPassing } from './connection.ts'
import { Refusal } from './failure.ts'
import { isLoose } from './kubeconfig.ts'
import { linesOf } from './lines.ts'
import type { ClusterObject } from './object.ts'

/** What happens to objects of a kind. `all`: these are there, and no others; at first, and where changes were missed. */
export type WatchEvent =
  | { readonly type: 'all'; readonly objects: readonly ClusterObject[] }
  | { readonly type: 'changed' | 'gone'; readonly object: ClusterObject }

/** A watch that the server ends by itself after so many seconds, and is then begun anew where it ended. */
const SECONDS = 290
const FIRST_PAUSE_MS = 200
const LONGEST_PAUSE_MS = 10_000

/**
 * Follows objects of a kind until the signal. A watch that ends, or breaks, goes on with the version that came last; where the
 * server has forgotten that one (410), all are listed again. Raises Refusal where the server says no.
 */
export async function* watch(
  client: ClusterClient,
  kind: KindRef,
  options: ListOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  let version = ''
  for (let failed = 0; !signal.aborted; ) {
    if (version === '') {
      const list = await client.list(kind, options)
      version = list.version
      yield { type: 'all', objects: list.items }
    }
    const end = yield* watchOnce(client, kind, options, version, signal)
    failed = end.version === version && end.isBroken ? failed + 1 : 0
    version = end.version
    if (failed > 0)
      await pause(Math.min(FIRST_PAUSE_MS * 2 ** failed, LONGEST_PAUSE_MS), undefined, { signal }).catch(
        () => undefined,
      )
  }
}

interface End {
  /** Where the next one goes on; empty: all must be listed again. */
  readonly version: string
  /** It did not end by itself. */
  readonly isBroken: boolean
}

async function* watchOnce(
  client: ClusterClient,
  kind: KindRef,
  { namespace, selector, fields }: ListOptions,
  from: string,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent, End> {
  let version = from
  try {
    const { body } = await client.connection.open({
      path: await client.collectionOf(kind, namespace),
      query: {
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: from,
        timeoutSeconds: SECONDS,
        labelSelector: selector,
        fieldSelector: fields,
      },
      isFollowed: true,
      signal,
    })
    for await (const line of linesOf(body)) {
      const { type, object } = eventOf(line)
      if (type === 'ERROR') return { version: object['code'] === 410 ? '' : version, isBroken: true }
      version = object.metadata?.resourceVersion ?? version
      if (type !== 'BOOKMARK')
        yield {
          type: type === 'DELETED' ? 'gone' : 'changed',
          object: { ...object, apiVersion: kind.apiVersion, kind: kind.kind },
        }
    }
    return { version, isBroken: false }
  } catch (error) {
    if (error instanceof Refusal && error.status.code === 410) return { version: '', isBroken: true }
    if (isPassing(error) || isAborted(error) || isUnreachable(error)) return { version, isBroken: true }
    throw error
  }
}

function eventOf(line: string): { readonly type: string; readonly object: ClusterObject } {
  const event: unknown = JSON.parse(line)
  if (isLoose(event) && isLoose(event['object']))
    return { type: String(event['type']), object: event['object'] as unknown as ClusterObject }
  throw new TypeError(`got ${line.slice(0, 100)}, want an event of a watch`)
}

function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

/** A server that is made anew may be away for longer than one request is tried. */
function isUnreachable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'KUBERNETES_UNREACHABLE'
}
