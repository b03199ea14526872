import {
  type Diagnostic,
  diskFull,
  type Facts,
  Failure,
  isDiskFull,
  messageOf,
  type Range,
} from '../../diagnostics/index.ts'

/** What is wrong at a place of the Dockerfile. */
export interface PlacedProblem {
  readonly code: string
  readonly summary: string
  readonly detail?: string
  readonly hint?: string
  readonly facts?: Facts
}

/** A failure of one diagnostic at a place of the Dockerfile. */
export function failureAt(range: Range, problem: PlacedProblem, cause?: unknown): Failure {
  return new Failure('invalidArgument', [{ severity: 'error', ...problem, range }], cause)
}

/** Gives a failure without a place the instruction's; anything else stays as it is. */
export function placed(error: unknown, range: Range): unknown {
  if (isDiskFull(error)) return placed(diskFull(messageOf(error), error), range)
  if (!(error instanceof Failure)) return error
  const diagnostics = error.diagnostics.map(
    (diagnostic): Diagnostic => (diagnostic.range === undefined ? { ...diagnostic, range } : diagnostic),
  )
  return new Failure(error.kind, diagnostics, error.cause ?? error)
}
