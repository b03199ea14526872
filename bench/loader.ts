import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './bench.ts'
import { largeFile } from './large-file.ts'
import { median, time } from './measure.ts'
import type { Tool } from './subjects.ts'
import { emptyRows } from './taken.ts'

/** The sizes that show how the time grows. */
const SIZES = [500, 1000, 2000, 4000] as const
/** A service of the largest file may take this much of what one takes in the file of 1,000: more is no straight line. */
const GROWTH = 1.15

/** What is measured side by side: the folder below the workloads, and the ratio to Docker that we promise. */
const FIGURES = [
  { name: 'config -q, 1,000 services', folder: 'services-1000', target: 0.35 },
  { name: 'config -q, LAMP', folder: 'lamp', target: 2 },
] as const

/** Reading and checking a file without an engine: `config -q`, start of the program included. */
export function measureLoader({ folder, ours, docker, runs, report }: Bench): void {
  for (const size of SIZES) {
    mkdirSync(join(folder, `services-${size}`))
    writeFileSync(join(folder, `services-${size}`, 'compose.yaml'), largeFile(size))
  }
  const once = (tool: Tool, name: string): number => time(tool.run(join(folder, name), 'config', '-q'))
  const rows = emptyRows(FIGURES, docker)
  const growth = SIZES.map(size => ({ size, seconds: [] as number[] }))
  // Interleaved, so that a slow minute of the machine hits all; the first pass is warming up.
  for (let run = 0; run <= runs; run += 1) {
    for (const row of rows) {
      const [mine, other] = [once(ours, row.folder), docker && once(docker, row.folder)]
      if (run > 0) row.ours.push(mine)
      if (run > 0 && other !== undefined) row.theirs?.push(other)
    }
    for (const { size, seconds } of growth) if (run > 0) seconds.push(once(ours, `services-${size}`))
  }
  report.print(runs, rows)
  printGrowth(growth)
}

function printGrowth(
  growth: readonly { readonly size: number; readonly seconds: readonly number[] }[],
): void {
  const each = growth.map(({ size, seconds }) => ({ size, micros: (median(seconds) / size) * 1e6 }))
  const cells = each.map(({ size, micros }) => `${size}: ${micros.toFixed(0)} µs`)
  const of = (size: number): number => each.find(one => one.size === size)?.micros ?? Number.NaN
  const verdict = of(4000) / of(1000) <= GROWTH ? 'linear' : 'NOT LINEAR'
  console.log(`config -q, time a service of          ${cells.join(', ')}  ${verdict}\n`)
}
