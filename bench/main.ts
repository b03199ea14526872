// `npm run bench`: prints one table of every figure that we claim, ours and Docker's side by side in one run.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median, time } from './measure.ts'
import { residentMemory } from './memory.ts'
import { buildImages, type Workloads, writeWorkloads } from './prepare.ts'
import { dockerCompose, type Tool, tscompose } from './subjects.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
/** Images are kept here between runs: building them takes minutes. */
const STATE = process.env['BENCH_STATE'] ?? '/var/tmp/tscompose-bench'

/** Figure name → the ratio to Docker that we promise. */
const TARGETS = {
  'LAMP up -d --wait, empty volume': 0.6,
  'LAMP up -d --wait, nothing to do': 0.2,
  'exec web true': 0.6,
  'LAMP down -v': 0.35,
  '10 × sleep, up -d': 0.3,
  '10 × sleep, memory (MB)': 0.3,
  '10 × sleep, down': 0.3,
} as const
type Figure = keyof typeof TARGETS
type Figures = Record<Figure, number[]>

/** One pass over all figures; what it starts it also takes down. */
function pass(tool: Tool, { lamp, ten }: Workloads, into: Figures): void {
  const add = (figure: Figure, value: number): void => void into[figure].push(value)
  add('LAMP up -d --wait, empty volume', time(tool.run(lamp, 'up', '-d', '--wait')))
  add('LAMP up -d --wait, nothing to do', time(tool.run(lamp, 'up', '-d', '--wait')))
  add('exec web true', time(tool.run(lamp, 'exec', '-T', 'web', 'true')))
  add('LAMP down -v', time(tool.run(lamp, 'down', '-v')))
  add('10 × sleep, up -d', time(tool.run(ten, 'up', '-d')))
  add('10 × sleep, memory (MB)', residentMemory(tool, join(STATE, 'run')))
  add('10 × sleep, down', time(tool.run(ten, 'down', '-t', '1')))
}

const emptyFigures = (): Figures =>
  Object.fromEntries(Object.keys(TARGETS).map(name => [name, [] as number[]])) as Figures

function printTable(ours: Figures, theirs: Figures | undefined): void {
  console.log(
    `${'median of'.padEnd(36)}${`${RUNS} runs`.padStart(10)}${'Docker'.padStart(10)}${'ratio'.padStart(8)}${'target'.padStart(8)}`,
  )
  for (const name of Object.keys(TARGETS) as Figure[]) {
    const mine = median(ours[name])
    const other = theirs ? median(theirs[name]) : Number.NaN
    const ratio = mine / other
    const verdict = Number.isNaN(ratio) ? '' : ratio <= TARGETS[name] ? 'met' : 'MISSED'
    const cells = [mine.toFixed(3).padStart(10), other.toFixed(3).padStart(10), ratio.toFixed(2).padStart(8)]
    console.log(`${name.padEnd(36)}${cells.join('')}${`≤${TARGETS[name]}`.padStart(8)}  ${verdict}`)
  }
}

mkdirSync(STATE, { recursive: true })
const folder = mkdtempSync(join(tmpdir(), 'tscompose-bench-'))
try {
  const workloads = writeWorkloads(folder)
  const mine = tscompose(STATE)
  const docker = dockerCompose()
  const tools = docker ? [mine, docker] : [mine]
  for (const tool of tools) buildImages(tool, STATE, folder, workloads)
  const figures = new Map(tools.map(tool => [tool, emptyFigures()]))
  // Interleaved, so that a slow minute of the machine hits both.
  for (let run = 0; run <= RUNS; run += 1)
    for (const tool of tools)
      pass(tool, workloads, run === 0 ? emptyFigures() : (figures.get(tool) ?? emptyFigures()))
  printTable(figures.get(mine) ?? emptyFigures(), docker && figures.get(docker))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
