/** A place in a text: lines and columns count from 1, as editors do; `end` is just after the last character. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A stretch of one file. */
export interface Range {
  readonly file: string
  readonly start: Position
  readonly end: Position
}

/** Names and values without a sentence around them. */
export type Facts = Readonly<Record<string, string>>

/** `note`: worth to know, may well be meant; only `lint` has them. */
export type Severity = 'error' | 'warning' | 'note'

/**
 * What was found wrong, for people and for programs: `code` is stable, all else is prose.
 * Grammar of the prose: start with the action or the thing, quote values, say got and want, no full stop.
 */
export interface Diagnostic {
  readonly severity: Severity
  /** Stable, SCREAMING_CASE; listed in docs/errors.md. */
  readonly code: string
  readonly summary: string
  /** The attribute's path, `services.web.ports[0]`. */
  readonly path?: string
  readonly detail?: string
  readonly hint?: string
  /** What the summary speaks of, by name, for whoever words it otherwise. */
  readonly facts?: Facts
  readonly range?: Range
  /** Exit status of the command that it is about, where that is the command line's, too. */
  readonly exitStatus?: number
}
