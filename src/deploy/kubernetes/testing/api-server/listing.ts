import type { ServerResponse } from 'node:http'
import { at, type JsonMap } from './json.ts'
import { Refused, type Request, statusOf } from './request.ts'
import { isSelected, type Store, type StoredEvent } from './store.ts'

/** Objects as they are asked for, page by page; a page goes on with the version of the first. */
export function list(store: Store, request: Request, pageLimit: number): object {
  const { kind, namespace, query } = request
  const [version, start] = continued(store, query.get('continue'))
  const limit = Math.min(Number(query.get('limit') ?? 0) || Number.POSITIVE_INFINITY, pageLimit)
  const all = store.list(kind?.plural ?? '', namespace).filter(object => isAsked(object, request))
  const items = all.slice(start, start + limit)
  const isMore = start + limit < all.length && query.get('limit') !== null
  const shown = query.get('limit') === null ? all : items
  return {
    kind: `${kind?.kind}List`,
    apiVersion: kind?.apiVersion,
    metadata: {
      resourceVersion: String(version),
      ...(isMore
        ? { continue: `${version}:${start + limit}`, remainingItemCount: all.length - start - limit }
        : {}),
    },
    items: shown,
  }
}

function continued(store: Store, text: string | null): [version: number, start: number] {
  if (text === null) return [store.version, 0]
  const [version = 0, start = 0] = text.split(':').map(Number)
  if (store.since(version) === undefined)
    throw new Refused(
      410,
      'Expired',
      'The provided continue parameter is too old to display a consistent list result',
    )
  return [version, start]
}

function isAsked(object: JsonMap, { query }: Request): boolean {
  const fields = (query.get('fieldSelector') ?? '').split(',').filter(part => part !== '')
  return (
    isSelected(object, query.get('labelSelector')) &&
    fields.every(part => {
      const [path = '', value] = part.split(/==?/)
      return String(at(object, ...path.split('.')) ?? '') === value
    })
  )
}

/** Changes from a version on, as they happen, one a line. */
export function watchAll(store: Store, request: Request, response: ServerResponse): void {
  const { kind, namespace, query } = request
  const from = Number(query.get('resourceVersion') ?? 0) || store.version
  const missed = store.since(from)
  response.writeHead(200, { 'content-type': 'application/json' })
  const line = (type: string, object: object): void =>
    void response.write(`${JSON.stringify({ type, object })}\n`)
  if (missed === undefined) {
    line('ERROR', statusOf(new Refused(410, 'Expired', `too old resource version: ${from}`)))
    return void response.end()
  }
  const tell = ({ type, plural, object }: StoredEvent): void => {
    const isWithin = namespace === undefined || at(object, 'metadata', 'namespace') === namespace
    if (plural === kind?.plural && isWithin && isAsked(object, request)) line(type, object)
  }
  response.flushHeaders()
  // Whoever names no version hears of all that is there.
  if (query.get('resourceVersion') === null)
    for (const object of store.list(kind?.plural ?? '', namespace))
      if (isAsked(object, request)) line('ADDED', object)
  for (const event of missed) tell(event)
  if (query.get('allowWatchBookmarks') === 'true')
    line('BOOKMARK', {
      kind: kind?.kind,
      apiVersion: kind?.apiVersion,
      metadata: { resourceVersion: String(store.version), creationTimestamp: null },
    })
  const stop = store.listen(tell)
  response.once('close', stop)
}
