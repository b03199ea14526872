import type { Range } from '../diagnostics/index.ts'

/** An attribute's place in the model: keys, and indices of list items. Never a dotted string, keys may hold dots. */
export type Path = readonly (string | number)[]

/** Where a value came from, for diagnostics and `explain`. */
export interface Origin {
  readonly range: Range
  /** Variables that interpolation put into the value. */
  readonly variables: readonly string[]
  /** The values that this one replaced, the latest first. */
  readonly overrode: readonly Origin[]
  /** What was written there, before interpolation. */
  readonly written: string
}

/** Finds the origin of a value of the project by its path; undefined for what tscompose itself filled in. */
export interface Origins {
  of(path: Path): Origin | undefined
}
