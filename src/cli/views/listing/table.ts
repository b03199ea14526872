export interface TableForm {
  /** Columns that are narrower than this, with the gap behind them, are widened. */
  readonly narrowest?: number
  /** Blanks between columns. */
  readonly gap?: number
}

/** Rows of cells as aligned columns, as Docker prints tables. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { narrowest = 10, gap = 3 }: TableForm = {},
): string {
  const all = [header, ...rows]
  const widths: number[] = []
  // The last cell of a row has nothing to keep clear of.
  for (const row of all)
    for (const [column, cell] of row.entries())
      if (column < row.length - 1)
        widths[column] = Math.max(widths[column] ?? narrowest, lengthOf(cell) + gap)
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : padded(cell, widths[column] ?? 0)))
      .join('')
      .trimEnd()
  return `${all.map(line).join('\n')}\n`
}

/** Characters, not units of UTF-16. */
const lengthOf = (text: string): number => [...text].length
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - lengthOf(text)))
