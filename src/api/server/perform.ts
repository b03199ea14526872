import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { ROUTES, type Route } from '../routes.ts'
import { decodeQuery } from './decode/query.ts'
import type { Shape } from './decode/shape.ts'
import { BODIES } from './decode/shapes.ts'
import type { Handlers } from './handler.ts'
import type { Match } from './match.ts'
import { answerFor } from './versions/answers.ts'
import { requestOf } from './versions/requests.ts'

/** A request beside its route and query, by whichever way it has come. */
export interface RequestParts {
  readonly headers: IncomingHttpHeaders
  /** The same object for all requests of a connection. */
  readonly connection: object
  /** Where the route takes a tar. */
  readonly tar: Readable | undefined
  /** Aborted when the client has gone; made only for those that ask. */
  readonly signal: AbortSignal
  /** The body of a route that takes JSON. */
  readJson(shape: Shape): Promise<object>
}

/** What a handler gave, for the row of the table that it is to be sent by. */
export interface Performed {
  readonly route: Route
  readonly answer: unknown
}

/** Decodes a request and has its handler do it. Raises what either raises. */
export async function perform(
  handlers: Handlers,
  { name, params, version }: Match,
  parameters: URLSearchParams,
  parts: RequestParts,
): Promise<Performed> {
  const route: Route = ROUTES[name]
  const asked = decodeQuery(route.query ?? {}, parameters)
  const given = route.body === 'json' ? await parts.readJson(BODIES[name] ?? {}) : undefined
  const { query, body } = requestOf(version, name, { query: asked, body: given })
  const tar = route.body === 'tar' ? parts.tar : undefined
  // A handler that refuses before it reads leaves nobody to hear that the client has gone.
  tar?.on('error', () => undefined)
  // What was decoded is what the row says; TypeScript cannot follow a row that is chosen at run time.
  const handler = handlers[name] as (request: object) => Promise<unknown>
  const { headers, connection } = parts
  const request = {
    params,
    query,
    body,
    tar,
    headers,
    connection,
    get signal(): AbortSignal {
      return parts.signal
    },
  }
  const answer = await handler(request)
  return { route, answer: answerFor(version, name, answer) }
}

/** A path without its query, and that. */
export function takeQuery(url: string): readonly [path: string, query: URLSearchParams] {
  const mark = url.indexOf('?')
  return mark < 0
    ? [url, new URLSearchParams('')]
    : [url.slice(0, mark), new URLSearchParams(url.slice(mark))]
}
