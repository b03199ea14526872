import { type Diagnostic, Failure } from '../diagnostics/index.ts'

/** Thrown when a signal ended what was worked on or waited for, or a question was answered with no. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** What is wrong with a project's files, or went wrong while it was changed: all of it at once. */
export class ProjectFailure extends Failure {
  /** Texts of the files that the diagnostics point into, by path. */
  readonly sources: ReadonlyMap<string, string>

  constructor(diagnostics: readonly Diagnostic[], sources: ReadonlyMap<string, string> = new Map()) {
    super('invalidArgument', diagnostics)
    this.sources = sources
  }
}
