import type { Diagnostic, Facts } from './diagnostic.ts'

/** What kind of failure: decides the HTTP status (api) and whether a retry can help. */
export type ErrorKind =
  | 'invalidArgument'
  | 'unauthorized'
  | 'notFound'
  | 'conflict'
  | 'notModified'
  | 'unavailable'
  | 'notImplemented'
  | 'internal'

export interface FailureOptions {
  readonly code: string
  readonly summary: string
  readonly kind?: ErrorKind
  readonly detail?: string
  readonly hint?: string
  readonly facts?: Facts
  readonly exitStatus?: number
  readonly cause?: unknown
}

/** The one error class: carries diagnostics, never bare prose. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly kind: ErrorKind
  readonly diagnostics: readonly Diagnostic[]

  constructor(kind: ErrorKind, diagnostics: readonly Diagnostic[], cause?: unknown) {
    super(diagnostics.map(diagnostic => diagnostic.summary).join('\n'), { cause })
    this.kind = kind
    this.diagnostics = diagnostics
  }

  /** Code of the first diagnostic. */
  get code(): string {
    return this.diagnostics[0]?.code ?? 'INTERNAL'
  }
}

/** A failure of one diagnostic without a place in a file. */
export function failure(options: FailureOptions): Failure {
  const { code, summary, detail, hint, facts, exitStatus } = options
  const diagnostic: Diagnostic = {
    severity: 'error',
    code,
    summary,
    ...(detail === undefined ? {} : { detail }),
    ...(hint === undefined ? {} : { hint }),
    ...(facts === undefined ? {} : { facts }),
    ...(exitStatus === undefined ? {} : { exitStatus }),
  }
  return new Failure(options.kind ?? 'internal', [diagnostic], options.cause)
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The errno name (`ENOENT`) of a Node system error, if it is one. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
