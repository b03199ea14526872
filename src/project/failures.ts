import { type Diagnostic, Failure, failure } from '../diagnostics/index.ts'

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

/** For whoever is left alone with work that had begun. */
export function engineLost(cause?: unknown): Failure {
  return failure({
    code: 'ENGINE_LOST',
    kind: 'unavailable',
    summary: 'the engine ended while it ran this command: what it has done of it is not known',
    hint: 'look at it with `tscompose ps --all`, and run the command again',
    cause,
  })
}
