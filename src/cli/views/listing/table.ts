/** Columns that are narrower than this, with the gap behind them, are widened, as in Docker's tables. */
const NARROWEST = 10
const GAP = 3

/** Rows of cells as aligned columns, three spaces apart, as Docker prints tables. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  narrowest: number = NARROWEST,
): string {
  const all = [header, ...rows]
  const widths: number[] = []
  // The last cell of a row has nothing to keep clear of.
  for (const row of all)
    for (const [column, cell] of row.entries())
      if (column < row.length - 1)
        widths[column] = Math.max(widths[column] ?? narrowest, lengthOf(cell) + GAP)
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
