import {
  type Diagnostic,
  diskFull,
  diskUnwritable,
  Failure,
  failure,
  isDiskFull,
  messageOf,
} from '../../../diagnostics/index.ts'
import type { ErrorBody } from '../../types/error-body.ts'
import type { Exchange } from '../exchange.ts'
import { dockerWords, wordsBefore } from '../words/docker-words.ts'
import type { Asked } from '../words/words.ts'
import { statusOf } from './status.ts'
import { sendBytes, sendJson } from './write.ts'

/** Anything that was thrown, as the `Failure` that the client will see. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (isDiskFull(error)) return diskFull(messageOf(error), error)
  const unwritable = diskUnwritable(messageOf(error), error)
  if (unwritable !== undefined) return unwritable
  return failure({ code: 'ENGINE_INTERNAL', summary: messageOf(error), cause: error })
}

/** A failure in Docker's words as far as it has some, for clients that show nothing else. */
export function describe(error: Failure, asked?: Asked): string {
  const sentences = error.diagnostics.map(each => dockerWords(each, asked) ?? sentence(each))
  return `${wordsBefore(error.code, asked)}${sentences.join('\n')}`
}

/** The body of an error: Docker's message, and our diagnostics. */
export function errorBody(
  error: Failure,
  asked?: Asked,
): ErrorBody & { readonly diagnostics: readonly Diagnostic[] } {
  return { message: describe(error, asked), diagnostics: error.diagnostics }
}

function sentence({ summary, detail, hint }: Diagnostic): string {
  return `${summary}${detail === undefined ? '' : `: ${detail}`}${hint === undefined ? '' : ` (${hint})`}`
}

/** Answers with an error. */
export function sendError(exchange: Exchange, error: Failure, asked?: Asked): void {
  const response = exchange.response()
  const status = statusOf(error, asked)
  if (status === 304) response.writeHead(status).end()
  // Clients of such an age read errors as plain text.
  else if (error.code === 'API_VERSION_TOO_OLD')
    sendBytes(response, status, 'text/plain; charset=utf-8', `${describe(error, asked)}\n`)
  else sendJson(response, status, errorBody(error, asked))
}
