import type { RouteName } from '../../api/routes.ts'
import { kindOfStatus } from '../../api/types/error-body.ts'
import { type Diagnostic, type ErrorKind, Failure } from '../../diagnostics/index.ts'

/** An answer of the engine that is an error: a `Failure`, with the fields that dockerode's errors have. */
export class EngineFailure extends Failure {
  readonly statusCode: number
  /** The status in words, as `no such container`. */
  readonly reason: string
  /** The answer's body, parsed if it was JSON. */
  readonly json: unknown

  constructor(kind: ErrorKind, diagnostics: readonly Diagnostic[], answer: ErrorAnswer) {
    super(kind, diagnostics)
    this.statusCode = answer.statusCode
    this.reason = answer.reason
    this.json = answer.json
  }
}

interface ErrorAnswer {
  readonly statusCode: number
  readonly reason: string
  readonly json: unknown
}

/** Rebuilds the failure from an answer. Engines other than ours send a message alone. */
export function engineFailure(route: RouteName, statusCode: number, body: string): EngineFailure {
  const json = parseBody(body)
  const kind = kindOfStatus(statusCode)
  const answer = { statusCode, reason: reasonOf(route, statusCode), json }
  const sent = diagnosticsOf(json)
  if (sent !== undefined) return new EngineFailure(kind, sent, answer)
  const message = field(json, 'message')
  const summary = typeof message === 'string' && message !== '' ? message : body.trim() || answer.reason
  return new EngineFailure(kind, [{ severity: 'error', code: CODES[kind], summary }], answer)
}

/** The diagnostics that our engine sends along with a message. */
export function diagnosticsOf(value: unknown): readonly Diagnostic[] | undefined {
  const sent = field(value, 'diagnostics')
  return Array.isArray(sent) && sent.length > 0 && sent.every(isDiagnostic) ? sent : undefined
}

const CODES: Readonly<Record<ErrorKind, string>> = {
  invalidArgument: 'ENGINE_INVALID_ARGUMENT',
  unauthorized: 'ENGINE_UNAUTHORIZED',
  notFound: 'ENGINE_NOT_FOUND',
  conflict: 'ENGINE_CONFLICT',
  notModified: 'ENGINE_NOT_MODIFIED',
  unavailable: 'ENGINE_UNAVAILABLE',
  notImplemented: 'ENGINE_NOT_IMPLEMENTED',
  internal: 'ENGINE_INTERNAL',
}

function reasonOf(route: RouteName, statusCode: number): string {
  if (statusCode === 304) {
    return route === 'containerStart' ? 'container already started' : 'container already stopped'
  }
  if (statusCode === 404) return `no such ${/^[a-z]+/.exec(route)?.[0] ?? 'object'}`
  if (statusCode === 409) return 'conflict'
  if (statusCode === 400) return 'bad parameter'
  return statusCode >= 500 ? 'server error' : 'unexpected'
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    // A proxy, or an engine that panicked, answers in prose: that prose is the message.
    if (error instanceof SyntaxError) return body
    throw error
  }
}

/** A field of a value that may be no object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function isDiagnostic(value: unknown): value is Diagnostic {
  return typeof field(value, 'code') === 'string' && typeof field(value, 'summary') === 'string'
}
