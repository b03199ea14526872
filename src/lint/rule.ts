import type { Range } from '../diagnostics/index.ts'
import type { Path, Project, Service } from '../model/index.ts'

/** One place that a rule found fault with; `lint` adds code, severity and range. */
export interface Finding {
  /** The nearest part of it that is written in a file is the place that people see. */
  readonly path: Path
  readonly summary: string
  readonly detail?: string
  readonly hint: string
}

/** What rules look at: the model, where it was written, and the texts. */
export interface LintContext {
  readonly project: Project
  /** Where a value is written, or what the loader made it of; undefined for what follows from no text. */
  readonly rangeOf: (path: Path) => Range | undefined
  /** The text at a range; undefined where the caller gave no texts. */
  readonly textAt: (range: Range) => string | undefined
}

/** What people read of a rule. */
export interface RuleWords {
  /** Stable, SCREAMING_CASE; explained in docs/lint.md. */
  readonly code: string
  /** `warning`: bites sooner or later; `note`: worth to know, may well be meant. */
  readonly severity: 'warning' | 'note'
  /** One line: what it finds. */
  readonly about: string
  /** Most files have some of it: people read what is particular to theirs first. Notes are advice, too. */
  readonly advice?: true
}

/** A rule: its words and its search. Rules are pure and know nothing of each other. */
export interface Rule extends RuleWords {
  readonly find: (context: LintContext) => Iterable<Finding>
}

/** One service as a rule sees it. */
export interface Subject extends LintContext {
  readonly name: string
  readonly service: Service
  /** `['services', name]` */
  readonly path: Path
}

/** A search that looks at each enabled service by itself. */
export function perService(find: (subject: Subject) => Iterable<Finding>): Rule['find'] {
  return function* (context) {
    for (const [name, service] of Object.entries(context.project.model.services))
      yield* find({ ...context, name, service, path: ['services', name] })
  }
}
