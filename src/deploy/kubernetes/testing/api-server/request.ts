import type { IncomingMessage } from 'node:http'
import type { ServedKind } from './store.ts'

/** A request, by its path. */
export interface Request {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly accept: string
  readonly type: string
  readonly body: string
  readonly kind: ServedKind | undefined
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly part: string | undefined
  readonly userAgent: string
}

/** What the server answers in place of what it was asked for. */
export class Refused extends Error {
  readonly code: number
  readonly reason: string
  readonly causes: readonly object[]

  constructor(code: number, reason: string, message: string, causes: readonly object[] = []) {
    super(message)
    this.code = code
    this.reason = reason
    this.causes = causes
  }
}

/** meta/v1 Status. */
export function statusOf({ code, reason, message, causes }: Refused): object {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(causes.length === 0 ? {} : { details: { causes } }),
    code,
  }
}

const OBJECTS =
  /^\/(?:api\/(v1)|apis\/([^/]+\/[^/]+))(?:\/namespaces\/([^/]+)(?=\/[^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/

export function readRequest(incoming: IncomingMessage, body: string, kinds: readonly ServedKind[]): Request {
  const url = new URL(incoming.url ?? '/', 'https://server')
  const [, core, group, namespace, plural, name, part] = OBJECTS.exec(url.pathname) ?? []
  const kind = kinds.find(each => each.plural === plural && each.apiVersion === (core ?? group))
  const decoded = (value: string | undefined): string | undefined => value && decodeURIComponent(value)
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    accept: incoming.headers.accept ?? '',
    type: incoming.headers['content-type'] ?? '',
    userAgent: incoming.headers['user-agent'] ?? '',
    body,
    kind,
    namespace: decoded(namespace),
    name: decoded(name),
    part,
  }
}
