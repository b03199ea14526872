import type { Diagnostic, Severity } from '../diagnostics/index.ts'
import type { Path } from '../model/index.ts'
import type { Node } from './tree/node.ts'
import { rangeOf, type Span } from './tree/source.ts'
import { renderPath } from './tree/walk.ts'

/** The place and the further words of a diagnostic. */
export interface ReportDetails {
  readonly path?: Path
  readonly node?: Node | undefined
  /** Wins over the node's place. */
  readonly span?: Span | undefined
  readonly detail?: string
  readonly hint?: string | undefined
}

/** Collects what the stages find wrong, each cause once. */
export class Reporter {
  readonly #diagnostics: Diagnostic[] = []
  readonly #seen = new Set<string>()
  readonly #broken: Path[] = []

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some(diagnostic => diagnostic.severity === 'error')
  }

  error(code: string, summary: string, details: ReportDetails = {}): void {
    this.#add('error', code, summary, details)
    if (details.path) this.#broken.push(details.path)
  }

  warn(code: string, summary: string, details: ReportDetails = {}): void {
    this.#add('warning', code, summary, details)
  }

  /** True where an error was found at or below the path, or above it: what follows from it is not worth a word. */
  isBroken(path: Path): boolean {
    return this.#broken.some(broken =>
      broken.slice(0, path.length).every((segment, index) => segment === path[index]),
    )
  }

  #add(severity: Severity, code: string, summary: string, details: ReportDetails): void {
    const span = details.span ?? details.node?.span
    const path = details.path && details.path.length > 0 ? renderPath(details.path) : undefined
    const key = `${severity} ${code} ${path ?? ''} ${span?.source.name ?? ''} ${span?.start ?? ''} ${summary}`
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#diagnostics.push({
      severity,
      code,
      summary,
      ...(path === undefined ? {} : { path }),
      ...(details.detail === undefined ? {} : { detail: details.detail }),
      ...(details.hint === undefined ? {} : { hint: details.hint }),
      ...(span === undefined ? {} : { range: rangeOf(span) }),
    })
  }
}
