export { collectErrors, collectErrorsTogether, undo } from './collect-errors.ts'
export type { Diagnostic, Facts, Position, Range, Severity } from './diagnostic.ts'
export {
  DISK_FULL_ERRNOS,
  DISK_FULL_HINT,
  diskFull,
  diskUnwritable,
  isDiskFull,
  MOUNT_FULL_HINT,
  tellsOfFullDisk,
} from './disk-full.ts'
export { type ErrorKind, errnoOf, Failure, type FailureOptions, failure, messageOf } from './error.ts'
export { type RenderOptions, renderDiagnostic, renderDiagnostics } from './render.ts'
export { type GroupOptions, renderGrouped } from './render-grouped.ts'
export { type Span, spans } from './spans.ts'
export { systemFailure } from './system-failure.ts'
export { terminalText } from './terminal-text.ts'
