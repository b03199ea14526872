import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ROUTES, type Route } from '../../api/routes.ts'
import { errorBody } from '../../api/server/answer/error.ts'
import { answerClientError } from '../../api/server/client-errors.ts'
import { match } from '../../api/server/match.ts'
import { statusOfKind } from '../../api/types/error-body.ts'
import { Failure, failure, messageOf } from '../../diagnostics/index.ts'
import type { Dial } from '../pass-on.ts'
import { EngineCalls } from './engine-calls.ts'
import { outOfScope } from './refusals.ts'
import { type Reply, RULES, type Rule } from './rules.ts'
import type { Scope } from './scope.ts'

/** Such requests have short heads and no bodies to speak of, and whoever writes them is not to be trusted. */
const LIMITS = {
  maxHeaderSize: 64 * 1024,
  headersTimeout: 20_000,
  requestTimeout: 60_000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 5_000,
}

/** Milliseconds in which the rest of a body has come that nobody wants; less than a whole request may take. */
const REST_LIMIT = 30_000

/** Connections at once: each has one or more to the engine, and others want to be served, too. */
const CLIENTS_LIMIT = 512

/**
 * The part of the Engine API that a scope gives, in front of an engine. It listens nowhere itself: connections are handed to it. What a
 * client asks is taken apart by the route table and put together anew, so that only what has a rule reaches the engine, with the id of
 * something of the scope in it.
 */
export function createScopedServer(scope: Scope, dial: Dial): Server {
  const server = createServer(LIMITS, (request, response) => void serve(request, response, scope, dial))
  server.on('clientError', (error, socket) => answerClientError(error, socket as Socket))
  let clients = 0
  server.on('connection', socket => {
    clients += 1
    socket.once('close', () => {
      clients -= 1
    })
    if (clients > CLIENTS_LIMIT) socket.destroy()
  })
  return server
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  scope: Scope,
  dial: Dial,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  // No route of a scope has a body that anybody reads.
  request.resume()
  try {
    const reply = await replyTo(request, scope, new EngineCalls(dial, gone.signal))
    await send(response, reply)
  } catch (error) {
    if (gone.signal.aborted) return
    if (response.headersSent) response.destroy()
    else sendFailure(request, response, asFailure(error))
  }
}

async function replyTo(
  { method = '', url = '', headers }: IncomingMessage,
  scope: Scope,
  engine: EngineCalls,
): Promise<Reply> {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const { name, params } = match(method, path)
  const rule: Rule | undefined = RULES[name]
  if (rule === undefined) throw outOfScope(`${method} ${path} is not for this socket: ${REASON}`, HINT)
  if (rule.changes && scope.readOnly)
    throw outOfScope(`${method} ${path} is not for this socket: it is read-only`)
  const [version = ''] = /^\/v\d+\.\d+(?=\/)/.exec(path) ?? []
  const given = new URLSearchParams(mark < 0 ? '' : url.slice(mark))
  const query: Record<string, string> = {}
  const route: Route = ROUTES[name]
  for (const parameter of Object.keys(route.query ?? {})) {
    const value = given.get(parameter)
    if (value !== null) query[parameter] = value
  }
  return rule.reply({ route: name, params, query, headers, version, engine, scope })
}

const REASON = 'it gives lists, inspects, events, logs and stats of some projects alone'
const HINT = 'the whole API is at the sockets that are named by tscompose serve -H'

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  if ('value' in reply) {
    sendJson(response, 200, reply.value)
    return
  }
  if ('lines' in reply) {
    response.writeHead(200, endToEnd(reply.of))
    response.flushHeaders()
    try {
      await pipeline(Readable.from(reply.lines), response)
    } finally {
      reply.of.destroy()
    }
    return
  }
  response.writeHead(reply.answer.statusCode ?? 502, endToEnd(reply.answer))
  response.flushHeaders()
  await pipeline(reply.answer, response)
}

/** Headers that are of the connection to the engine, not of its answer; the length may be another one here. */
const OF_CONNECTION = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'date'])

function endToEnd({ headers }: IncomingMessage): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !OF_CONNECTION.has(name)) kept[name] = value
  return kept
}

/**
 * A body that is still to come is read and thrown away, and the connection closed only then: where it is closed before, the client is told
 * of a broken pipe and of nothing else.
 */
function sendFailure(request: IncomingMessage, response: ServerResponse, error: Failure): void {
  const status = error.code === 'SCOPE_REFUSED' ? 403 : statusOfKind(error.kind)
  response.setHeader('Connection', 'close')
  response.write(jsonOf(response, status, errorBody(error)))
  if (request.readableEnded) {
    response.end()
    return
  }
  const timer = setTimeout(() => response.destroy(), REST_LIMIT)
  request.once('end', () => response.end())
  response.once('close', () => clearTimeout(timer))
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.end(jsonOf(response, status, value))
}

/** The body, when the head has been written. */
function jsonOf(response: ServerResponse, status: number, value: unknown): Buffer {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`)
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length })
  return bytes
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  return failure({
    code: 'GATEWAY_FAILED',
    kind: 'unavailable',
    summary: `Ask the engine: ${messageOf(error)}`,
    cause: error,
  })
}
