export type { Diagnostic, Position, Range, Severity } from './diagnostic.ts'
export { type ErrorKind, errnoOf, Failure, type FailureOptions, failure, messageOf } from './error.ts'
export { type RenderOptions, renderDiagnostic, renderDiagnostics } from './render.ts'
