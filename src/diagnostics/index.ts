export type { Diagnostic, Position, Range, Severity } from './diagnostic.ts'
export { DISK_FULL_ERRNOS, DISK_FULL_HINT, diskFull, isDiskFull, tellsOfFullDisk } from './disk-full.ts'
export { type ErrorKind, errnoOf, Failure, type FailureOptions, failure, messageOf } from './error.ts'
export { type RenderOptions, renderDiagnostic, renderDiagnostics } from './render.ts'
