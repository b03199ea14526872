import { median } from './measure.ts'

/** One figure, and what each run of it gave. */
export interface Row {
  readonly name: string
  /** The ratio to Docker that we promise; undefined where the figure only explains another. */
  readonly target: number | undefined
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
    const judged = target !== undefined && !Number.isNaN(ratio)
    const verdict = judged ? (ratio <= target ? 'met' : 'MISSED') : ''
    const promise = target === undefined ? '' : `≤${target}`
    const cells = [mine.toFixed(3).padStart(10), other.toFixed(3).padStart(10), ratio.toFixed(2).padStart(8)]
    console.log(`${name.padEnd(36)}${cells.join('')}${promise.padStart(8)}  ${verdict}`)
  }
}
