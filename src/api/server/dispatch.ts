import { type Failure, spans } from '../../diagnostics/index.ts'
import { ROUTES, type Route } from '../routes.ts'
import { asFailure, sendError } from './answer/error.ts'
import { sendAnswer } from './answer/index.ts'
import { decodeBody } from './decode/body.ts'
import { decodeQuery } from './decode/query.ts'
import { BODIES } from './decode/shapes.ts'
import type { Exchange } from './exchange.ts'
import type { Handlers } from './handler.ts'
import { type Match, match, plainPath } from './match.ts'
import { answerFor } from './versions/answers.ts'
import { requestOf } from './versions/requests.ts'

/** Told of each failure that is the engine's own (kind `internal`), for its log. */
export type OnFailure = (failure: Failure, request: string) => void

export interface DispatchOptions {
  readonly onFailure: OnFailure
  /** Milliseconds for a JSON body, and for a short one that is refused. */
  readonly bodyTime: number
}

/** Request → route → decode → handler → answer. Never rejects: what goes wrong is answered, or ends the connection. */
export async function dispatch(
  exchange: Exchange,
  handlers: Handlers,
  options: DispatchOptions,
): Promise<void> {
  let asked: Match | undefined
  try {
    // Docker answers so whatever it is asked of; what a browser may do no header says.
    if (exchange.method === 'OPTIONS')
      return void exchange.response().writeHead(200, { 'Content-Length': 0 }).end()
    const mark = exchange.url.indexOf('?')
    const path = mark < 0 ? exchange.url : exchange.url.slice(0, mark)
    const plain = plainPath(path)
    if (plain !== path) {
      const Location = `${plain}${exchange.url.slice(path.length)}`
      return void exchange.response().writeHead(301, { Location, 'Content-Length': 0 }).end()
    }
    asked = match(exchange.method, path)
    const query = new URLSearchParams(mark < 0 ? '' : exchange.url.slice(mark))
    const found = asked
    await spans.during(`${exchange.method} ${path}`, async () => {
      const { route, answer } = await handle(exchange, handlers, found, query, options.bodyTime)
      await sendAnswer(exchange, route, answer)
    })
  } catch (error) {
    // Nobody is left to hear of it, and what a call was cut off in is no failure of the engine.
    if (exchange.gone) return
    const failure = asFailure(error)
    if (failure.kind === 'internal') options.onFailure(failure, `${exchange.method} ${exchange.url}`)
    if (exchange.begun) exchange.abandon()
    else {
      if (sendsArchive(asked)) await exchange.readShortBody(options.bodyTime)
      sendError(exchange, failure, asked)
    }
  }
}

/** Bodies of JSON have been read before anything is refused. */
function sendsArchive(asked: Match | undefined): boolean {
  const route: Route | undefined = asked && ROUTES[asked.name]
  return route?.body === 'tar'
}

interface Handled {
  readonly route: Route
  readonly answer: unknown
}

async function handle(
  exchange: Exchange,
  handlers: Handlers,
  { name, params, version }: Match,
  parameters: URLSearchParams,
  bodyTime: number,
): Promise<Handled> {
  const { headers, connection } = exchange
  const route: Route = ROUTES[name]
  const asked = decodeQuery(route.query ?? {}, parameters)
  const given =
    route.body === 'json'
      ? await decodeBody(exchange.body, headers['content-type'], bodyTime, BODIES[name] ?? {})
      : undefined
  const { query, body } = requestOf(version, name, { query: asked, body: given })
  const tar = route.body === 'tar' ? exchange.body : undefined
  // A handler that refuses before it reads leaves nobody to hear that the client has gone.
  tar?.on('error', () => undefined)
  // What was decoded is what the row says; TypeScript cannot follow a row that is chosen at run time.
  const handler = handlers[name] as (request: object) => Promise<unknown>
  const request = {
    params,
    query,
    body,
    tar,
    headers,
    connection,
    // Made only for those that ask.
    get signal(): AbortSignal {
      return exchange.signal
    },
  }
  const answer = await handler(request)
  return { route, answer: answerFor(version, name, answer) }
}
