import { median } from './measure.ts'

/** One figure, and what each run of it gave. */
export interface Row {
  readonly name: string
  /** The ratio to Docker that we promise; undefined where the figure only explains another. */
  readonly target: number | undefined
  /** The seconds that we promise, of what no other tool does. */
  readonly most?: number
  readonly ours: readonly number[]
  /** Absent where Docker is not there. */
  readonly theirs: readonly number[] | undefined
  /** What the kernel alone takes for the same, in the same unit (bare/container.c); absent where nothing measures it. */
  readonly bare?: readonly number[]
}

/** Medians of an earlier report, by the names of their rows. */
export type Earlier = ReadonlyMap<string, number>

/**
 * Prints medians side by side with the least and the greatest of each, their ratio, and whether it is as promised. Where an earlier report
 * has the row, what ours took then, and how often that the row takes now.
 */
export function printTable(runs: number, rows: readonly Row[], earlier: Earlier = new Map()): void {
  const heads = [
    `${runs} runs`.padStart(10),
    'least–most'.padStart(17),
    'Docker'.padStart(10),
    'least–most'.padStart(17),
    'ratio'.padStart(8),
    'target'.padStart(8),
    'bare'.padStart(9),
  ]
  console.log(`${'median of'.padEnd(36)}${heads.join('')}`)
  for (const row of rows) console.log(line(row, earlier.get(row.name)))
}

function line({ name, target, most, ours, theirs, bare }: Row, before: number | undefined): string {
  const mine = median(ours)
  const ratio = mine / median(theirs ?? [])
  const verdict = most === undefined ? verdictOf(ratio, target) : verdictOf(mine, most)
  const cells = [
    mine.toFixed(3).padStart(10),
    spread(ours).padStart(17),
    (theirs === undefined ? '' : median(theirs).toFixed(3)).padStart(10),
    (theirs === undefined ? '' : spread(theirs)).padStart(17),
    (theirs === undefined ? '' : ratio.toFixed(2)).padStart(8),
    limitText(target, most).padStart(8),
    (bare === undefined ? '' : median(bare).toFixed(3)).padStart(9),
  ]
  const then = before === undefined ? '' : `  was ${before.toFixed(3)}, × ${(mine / before).toFixed(2)}`
  return `${name.padEnd(36)}${cells.join('')}  ${verdict.padEnd(6)}${then}`.trimEnd()
}

function verdictOf(got: number, most: number | undefined): string {
  if (most === undefined || Number.isNaN(got)) return ''
  return got <= most ? 'met' : 'MISSED'
}

function limitText(target: number | undefined, most: number | undefined): string {
  if (most !== undefined) return `≤${most} s`
  return target === undefined ? '' : `≤${target}`
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return ''
  return `${Math.min(...values).toFixed(3)}–${Math.max(...values).toFixed(3)}`
}
