import {
  type Diagnostic,
  diskFull,
  Failure,
  failure,
  isDiskFull,
  messageOf,
} from '../../../diagnostics/index.ts'
import { type ErrorBody, statusOfKind } from '../../types/error-body.ts'
import type { Exchange } from '../exchange.ts'
import { sendBytes, sendJson } from './write.ts'

/** Anything that was thrown, as the `Failure` that the client will see. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (isDiskFull(error)) return diskFull(messageOf(error), error)
  return failure({ code: 'ENGINE_INTERNAL', summary: messageOf(error), cause: error })
}

/** A failure in words, for clients that show nothing else. */
export function describe(error: Failure): string {
  return error.diagnostics.map(sentence).join('\n')
}

/** The body of an error: Docker's message, and our diagnostics. */
export function errorBody(error: Failure): ErrorBody & { readonly diagnostics: readonly Diagnostic[] } {
  return { message: describe(error), diagnostics: error.diagnostics }
}

function sentence({ summary, detail, hint }: Diagnostic): string {
  return `${summary}${detail === undefined ? '' : `: ${detail}`}${hint === undefined ? '' : ` (${hint})`}`
}

/** Milliseconds in which the rest of a body has come that nobody wants any more. */
const REST_LIMIT = 60_000

/**
 * Answers with an error. A body that is still to come is read and thrown away: a connection that is closed before it has
 * been sent tells the client of a broken pipe, and of nothing else.
 */
export function sendError(exchange: Exchange, error: Failure): void {
  const response = exchange.response()
  const status = statusOfKind(error.kind)
  if (status === 304) response.writeHead(status).end()
  // Clients of such an age read errors as plain text.
  else if (error.code === 'API_VERSION_TOO_OLD')
    sendBytes(response, status, 'text/plain; charset=utf-8', `${describe(error)}\n`)
  else sendJson(response, status, errorBody(error))
  const { body } = exchange
  body.unpipe()
  body.resume()
  if (body.readableEnded) return
  const timer = setTimeout(() => exchange.abandon(), REST_LIMIT)
  body.once('close', () => clearTimeout(timer))
}
