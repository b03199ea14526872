import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { median } from './measure.ts'
import { type Earlier, printTable, type Row } from './table.ts'

/** What a report keeps: two of them are compared by the names of their rows. */
interface Kept {
  readonly commit: string
  readonly when: string
  readonly machine: string
  readonly rows: readonly Row[]
}

/** The rows of one run of the bench: printed as they come, beside those of an earlier report, and kept as JSON at the end. */
export class Report {
  readonly #machine: string
  readonly #earlier: Earlier
  readonly #rows: Row[] = []

  /** `compare`: the file of an earlier report, if there is one to compare with. */
  constructor(machine: string, compare: string | undefined) {
    this.#machine = machine
    const kept: Kept | undefined =
      compare === undefined ? undefined : JSON.parse(readFileSync(compare, 'utf8'))
    this.#earlier = new Map(kept?.rows.map(row => [row.name, median(row.ours)]))
    if (kept !== undefined)
      console.log(`compared with commit ${kept.commit} of ${kept.when}, on ${kept.machine}\n`)
  }

  print(runs: number, rows: readonly Row[]): void {
    printTable(runs, rows, this.#earlier)
    console.log()
    this.#rows.push(...rows)
  }

  /** Writes the report below `folder` and says where; nothing where no row was measured. */
  keep(folder: string): void {
    if (this.#rows.length === 0) return
    const commit = spawnSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).stdout.trim()
    const when = new Date().toISOString()
    const kept: Kept = { commit, when, machine: this.#machine, rows: this.#rows }
    mkdirSync(folder, { recursive: true })
    const file = join(folder, `${when.slice(0, 19).replaceAll(':', '')}-${commit}.json`)
    writeFileSync(file, `${JSON.stringify(kept, undefined, 1)}\n`)
    console.log(`kept in ${file}`)
  }
}
