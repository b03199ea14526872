import type { Range } from '../../diagnostics/index.ts'
import type { Path } from '../../model/index.ts'
import type { LintContext } from '../rule.ts'

/** True where two items of a merged list were written in different lists: in another file, or in a service that was extended. */
export function areOfDifferentLists(
  list: Path,
  first: number,
  second: number,
  { rangeOf }: LintContext,
): boolean {
  const [whole, a, b] = [rangeOf(list), rangeOf([...list, first]), rangeOf([...list, second])]
  if (whole === undefined || a === undefined || b === undefined) return false
  return a.file !== b.file || isInside(a, whole) !== isInside(b, whole)
}

function isInside(inner: Range, outer: Range): boolean {
  return inner.file === outer.file && !isBefore(inner, outer) && !isBefore(endOf(outer), endOf(inner))
}

function endOf({ end }: Range): { readonly start: Range['end'] } {
  return { start: end }
}

function isBefore(a: { readonly start: Range['start'] }, b: { readonly start: Range['start'] }): boolean {
  return a.start.line < b.start.line || (a.start.line === b.start.line && a.start.column < b.start.column)
}
