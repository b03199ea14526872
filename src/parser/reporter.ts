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

/** Collects what the passes find wrong, each cause once. */
export class Reporter {
  readonly #diagnostics: Diagnostic[] = []
  readonly #seen = new Set<string>()
  /** Every place where an error was found, and every place above one. */
  readonly #broken = new Set<string>()
  readonly #aboveBroken = new Set<string>()

  /** In the order of their places: files as they were read, then lines; what has no place comes first. */
  get diagnostics(): readonly Diagnostic[] {
    const files = [...new Set(this.#diagnostics.map(({ range }) => range?.file))]
    const rank = ({ range }: Diagnostic): number => (range ? 1 + files.indexOf(range.file) : 0)
    return this.#diagnostics.toSorted(
      (a, b) => rank(a) - rank(b) || (a.range?.start.line ?? 0) - (b.range?.start.line ?? 0),
    )
  }

  get hasErrors(): boolean {
    return this.#diagnostics.some(diagnostic => diagnostic.severity === 'error')
  }

  error(code: string, summary: string, details: ReportDetails = {}): void {
    this.#add('error', code, summary, details)
    if (details.path) this.markBroken(details.path)
  }

  warn(code: string, summary: string, details: ReportDetails = {}): void {
    this.#add('warning', code, summary, details)
  }

  /** Says that something is wrong at a path where no error is shown. */
  markBroken(path: Path): void {
    this.#broken.add(keyOf(path))
    for (let length = 0; length <= path.length; length += 1)
      this.#aboveBroken.add(keyOf(path.slice(0, length)))
  }

  /** True where an error was found at or below the path, or above it: what follows from it is not worth a word. */
  isBroken(path: Path): boolean {
    if (this.#aboveBroken.has(keyOf(path))) return true
    return path.some((_segment, index) => this.#broken.has(keyOf(path.slice(0, index))))
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

/** A path as text; an index and a key that looks like one stay apart. */
function keyOf(path: Path): string {
  return JSON.stringify(path)
}
