import { median } from './measure.ts'

/** One figure: what each run of it gave, and the ratio to Docker that we promise. */
export interface Row {
  readonly name: string
  readonly target: number
  readonly ours: readonly number[]
  /** Absent where Docker is not there. */
  readonly theirs: readonly number[] | undefined
}

/** Prints medians side by side, their ratio, and whether it is as promised. */
export function printTable(runs: number, rows: readonly Row[]): void {
  const heads = [
    `${runs} runs`.padStart(10),
    'Docker'.padStart(10),
    'ratio'.padStart(8),
    'target'.padStart(8),
  ]
  console.log(`${'median of'.padEnd(36)}${heads.join('')}`)
  for (const { name, target, ours, theirs } of rows) {
    const mine = median(ours)
    const other = theirs ? median(theirs) : Number.NaN
    const ratio = mine / other
    const verdict = Number.isNaN(ratio) ? '' : ratio <= target ? 'met' : 'MISSED'
    const cells = [mine.toFixed(3).padStart(10), other.toFixed(3).padStart(10), ratio.toFixed(2).padStart(8)]
    console.log(`${name.padEnd(36)}${cells.join('')}${`≤${target}`.padStart(8)}  ${verdict}`)
  }
}
