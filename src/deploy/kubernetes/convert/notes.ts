import type { Diagnostic, Range } from '../../../diagnostics/index.ts'
import { type Path, type Project, renderPath } from '../../../model/index.ts'

/** Why something of the file became what it did in the cluster. */
export interface Choice {
  /** What it became, or is a part of: `Deployment web`. */
  readonly object: string
  /** What in the file it follows from. */
  readonly path: string
  readonly range?: Range
  readonly reason: string
}

/** What a conversion says beside its objects: each choice once, each loss with the place that it is about. */
export class Notes {
  readonly #project: Project
  readonly #choices = new Map<string, Choice>()
  readonly #losses = new Map<string, Diagnostic>()
  readonly #refusals: Diagnostic[] = []

  constructor(project: Project) {
    this.#project = project
  }

  choose(path: Path, object: string, reason: string): void {
    const choice = { object, path: renderPath(path), ...this.#placeOf(path), reason }
    this.#choices.set(`${choice.path} ${object} ${reason}`, choice)
  }

  /** Says what the cluster does not do as the file has it, and what helps. */
  warn(code: string, path: Path, summary: string, hint?: string): void {
    const place = { path: renderPath(path), ...this.#placeOf(path) }
    const loss: Diagnostic = {
      severity: 'warning',
      code,
      summary,
      ...place,
      ...(hint === undefined ? {} : { hint }),
    }
    this.#losses.set(`${code} ${place.path} ${summary}`, loss)
  }

  /** Says what no cluster takes, so that nothing is made; what no file says has an empty path. */
  refuse(path: Path, summary: string, hint: string): void {
    const place = path.length === 0 ? {} : { path: renderPath(path), ...this.#placeOf(path) }
    this.#refusals.push({ severity: 'error', code: 'KUBERNETES_VALUE', summary, ...place, hint })
  }

  get refusals(): readonly Diagnostic[] {
    return this.#refusals
  }

  get choices(): readonly Choice[] {
    return [...this.#choices.values()]
  }

  get losses(): readonly Diagnostic[] {
    return [...this.#losses.values()]
  }

  /** Where the value is written, or the nearest thing around it. */
  #placeOf(path: Path): { readonly range?: Range } {
    for (let length = path.length; length > 0; length--) {
      const range = this.#project.origins.of(path.slice(0, length))?.range
      if (range !== undefined) return { range }
    }
    return {}
  }
}
