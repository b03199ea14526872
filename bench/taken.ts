import type { Tool } from './subjects.ts'
import type { Row } from './table.ts'

/** What one tool took for each figure, run by run, by the figures' names. */
export class Taken {
  readonly #values = new Map<string, number[]>()

  add(figure: string, value: number): void {
    this.#values.set(figure, [...this.of(figure), value])
  }

  has(figure: string): boolean {
    return this.#values.has(figure)
  }

  of(figure: string): readonly number[] {
    return this.#values.get(figure) ?? []
  }
}

/** Where a run puts what a tool took: run 0 is warming up, and counts nowhere. */
export function takenBy(taken: readonly Taken[], at: number, run: number): Taken {
  return (run === 0 ? undefined : taken[at]) ?? new Taken()
}

/** The rows of figures: of each its target, what we took, and what Docker took where it is there. */
export function rowsOf(
  targets: Readonly<Record<string, number | undefined>>,
  [ours, theirs]: readonly Taken[],
): Row[] {
  return Object.entries(targets).map(([name, target]) => ({
    name,
    target,
    ours: ours?.of(name) ?? [],
    theirs: theirs?.of(name),
  }))
}

/** A row of a figure that is still to be measured. */
export type EmptyRow<Figure> = Figure & { readonly ours: number[]; readonly theirs: number[] | undefined }

/** Rows to be filled, of figures that say themselves how they are measured. */
export function emptyRows<Figure extends object>(
  figures: readonly Figure[],
  docker: Tool | undefined,
): EmptyRow<Figure>[] {
  return figures.map(figure => ({ ...figure, ours: [], theirs: docker && [] }))
}
