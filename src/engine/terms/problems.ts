import { type Diagnostic, type Facts, Failure } from '../../diagnostics/index.ts'

/** Collects what is wrong with a request, so that all of it is said at once. */
export class Problems {
  readonly #found: Diagnostic[] = []

  add(
    code: string,
    path: string,
    summary: string,
    more: { readonly hint?: string; readonly facts?: Facts } = {},
  ): void {
    this.#found.push({ severity: 'error', code, path, summary, ...more })
  }

  /** What another check has found. */
  addAll(found: readonly Diagnostic[]): void {
    this.#found.push(...found)
  }

  /** All that was found, in the order in which it was. */
  get found(): readonly Diagnostic[] {
    return this.#found
  }

  /** Whether anything was found. */
  get any(): boolean {
    return this.#found.length > 0
  }

  /** Whether something was said of that place of the request. */
  has(path: string): boolean {
    return this.#found.some(each => each.path === path)
  }

  /** Runs a check that throws; its diagnostics are collected, and nothing comes of it then. What is no Failure is thrown on. */
  collect<T>(path: string, check: () => T): T | undefined {
    try {
      return check()
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      this.#found.push(...error.diagnostics.map(diagnostic => ({ path, ...diagnostic })))
      return undefined
    }
  }

  /** Throws one Failure with everything that was found. */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new Failure('invalidArgument', this.#found)
  }
}
