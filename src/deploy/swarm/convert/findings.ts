import type { Diagnostic } from '../../../diagnostics/index.ts'
import { type Path, type Project, renderPath } from '../../../model/index.ts'

/** Where something is written, for a diagnostic of it. */
export type Place = Pick<Diagnostic, 'path' | 'range'>

/** What a conversion has to say, each with the line that it is about: what a swarm cannot have, and what it passes over. */
export class Findings {
  readonly #project: Project
  readonly #found = new Map<string, Diagnostic>()

  constructor(project: Project) {
    this.#project = project
  }

  /** Something that no swarm can do: nothing is deployed. */
  error(code: string, path: Path, summary: string, hint?: string): void {
    this.#add('error', code, path, summary, hint)
  }

  /** Something that is left out, or may be missing on other machines. */
  warn(code: string, path: Path, summary: string, hint?: string): void {
    this.#add('warning', code, path, summary, hint)
  }

  /** Where the value is written, or the nearest thing around it. */
  placeOf(path: Path): Place {
    for (let length = path.length; length > 0; length--) {
      const range = this.#project.origins.of(path.slice(0, length))?.range
      if (range !== undefined) return { path: renderPath(path), range }
    }
    return { path: renderPath(path) }
  }

  get all(): readonly Diagnostic[] {
    return [...this.#found.values()]
  }

  #add(
    severity: Diagnostic['severity'],
    code: string,
    path: Path,
    summary: string,
    hint: string | undefined,
  ): void {
    const place = this.placeOf(path)
    this.#found.set(`${code} ${place.path} ${summary}`, {
      severity,
      code,
      summary,
      ...place,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}
