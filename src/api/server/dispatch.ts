import { type Failure, spans } from '../../diagnostics/index.ts'
import { ROUTES, type Route } from '../routes.ts'
import { asFailure, sendError } from './answer/error.ts'
import { sendAnswer } from './answer/index.ts'
import { decodeBody } from './decode/body.ts'
import type { Exchange } from './exchange.ts'
import type { Handlers } from './handler.ts'
import { type Match, match, plainPath } from './match.ts'
import { perform, type RequestParts, takeQuery } from './perform.ts'

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
    const [path, query] = takeQuery(exchange.url)
    const plain = plainPath(path)
    if (plain !== path) {
      const Location = `${plain}${exchange.url.slice(path.length)}`
      return void exchange.response().writeHead(301, { Location, 'Content-Length': 0 }).end()
    }
    asked = match(exchange.method, path)
    const found = asked
    await spans.during(`${exchange.method} ${path}`, async () => {
      const { route, answer } = await perform(handlers, found, query, partsOf(exchange, options.bodyTime))
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

function partsOf(exchange: Exchange, bodyTime: number): RequestParts {
  const { headers, connection, body } = exchange
  return {
    headers,
    connection,
    tar: body,
    readJson: shape => decodeBody(body, headers['content-type'], bodyTime, shape),
    get signal(): AbortSignal {
      return exchange.signal
    },
  }
}

/** Bodies of JSON have been read before anything is refused. */
function sendsArchive(asked: Match | undefined): boolean {
  const route: Route | undefined = asked && ROUTES[asked.name]
  return route?.body === 'tar'
}
