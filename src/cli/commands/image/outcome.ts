import { Failure } from '../../../diagnostics/index.ts'

/** Tells, once all that could be done is done, what could not: all of it together. */
export function raiseFailures(failures: readonly Failure[]): void {
  const [first] = failures
  if (first === undefined) return
  throw new Failure(
    first.kind,
    failures.flatMap(({ diagnostics }) => diagnostics),
    first,
  )
}
