import { kindOfStatus } from '../../api/types/error-body.ts'
import { type Diagnostic, type ErrorKind, Failure } from '../../diagnostics/index.ts'

/** Whose errors they are: see `ModemOptions.errors`. */
export type ErrorStyle = 'dockerode' | 'own'

/** Which statuses are no errors (true), and what the others are called: docker-modem's way. */
export type StatusCodes = Readonly<Record<number, string | boolean>>

/** An answer of the engine that is an error: a `Failure`, with the fields that dockerode's errors have. */
export class EngineFailure extends Failure {
  readonly statusCode: number
  /** The status in words, as `no such container`, where the call has any for it. */
  readonly reason: string | undefined
  /** The answer's body, parsed if it was JSON; null where the answer would have been a stream. */
  readonly json: unknown

  constructor(kind: ErrorKind, diagnostics: readonly Diagnostic[], answer: ErrorAnswer, message?: string) {
    super(kind, diagnostics)
    this.statusCode = answer.statusCode
    this.reason = answer.reason
    this.json = answer.json
    if (message !== undefined) this.message = message
  }
}

interface ErrorAnswer {
  readonly statusCode: number
  readonly reason: string | undefined
  readonly json: unknown
}

/** What came back in the place of what was asked for. */
export interface RefusedAnswer {
  readonly statusCode: number
  readonly statusCodes: StatusCodes
  /** Parsed where it is JSON. */
  readonly body: unknown
  readonly isStream: boolean
}

/** Rebuilds the failure from an answer. Engines other than ours send a message alone. */
export function engineFailure(refused: RefusedAnswer, style: ErrorStyle): EngineFailure {
  const { statusCode, statusCodes, body, isStream } = refused
  const named = statusCodes[statusCode]
  const reason = typeof named === 'string' ? named : undefined
  const kind = kindOfStatus(statusCode)
  const answer = { statusCode, reason, json: isStream ? null : body }
  const said = textOf(body)
  const message = `(HTTP code ${statusCode}) ${reason ?? 'unexpected'} - ${said} `
  const diagnostics = diagnosticsOf(body) ?? [
    { severity: 'error', code: CODES[kind], summary: said || (reason ?? 'unexpected') },
  ]
  return new EngineFailure(kind, diagnostics, answer, style === 'dockerode' ? message : undefined)
}

function textOf(body: unknown): string {
  const said = field(body, 'message') || field(body, 'error')
  if (typeof said === 'string') return said
  return typeof body === 'object' && body !== null && !Buffer.isBuffer(body)
    ? JSON.stringify(body)
    : String(body ?? '').trim()
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

/** A field of a value that may be no object. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function isDiagnostic(value: unknown): value is Diagnostic {
  return typeof field(value, 'code') === 'string' && typeof field(value, 'summary') === 'string'
}
