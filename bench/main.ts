// `npm run bench`: prints every figure that we claim, ours and Docker's side by side in one run; `npm run bench loader`
// those of reading files alone, which need neither images nor an engine, `npm run bench images` those of building and moving images, of
// which `npm run bench transfers` has the second half, `npm run bench api` what other clients of the API wait for, `npm run bench memory`
// what a container with limits costs beside itself.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureApi } from './api.ts'
import { measureCommands } from './commands.ts'
import { measureFootprint } from './footprint.ts'
import { measureImages } from './images.ts'
import { measureLoader } from './loader.ts'
import { printMachine } from './machine.ts'
import { time } from './measure.ts'
import { residentMemory } from './memory.ts'
import { buildBusybox, buildImages, type Workloads, writeWorkloads } from './prepare.ts'
import { dockerCompose, type Tool, tscompose } from './subjects.ts'
import { printTable } from './table.ts'
import { measureTransfers } from './transfers.ts'
import { measureWatch } from './watch.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
/** Images are kept here between runs: building them takes minutes. */
const STATE = process.env['BENCH_STATE'] ?? '/var/tmp/tscompose-bench'

/**
 * Figure name → the ratio to Docker that we promise; undefined where the figure only explains another. Most of what `up` with
 * an empty volume and `down -v` take is MariaDB's own work on the disk, the same with either tool: how much of it, differs
 * from machine to machine and moves their ratio. "up after stop" is without its first start, "stop db" is its last.
 */
const TARGETS = {
  'LAMP up -d --wait, empty volume': 0.6,
  'LAMP up -d --wait, nothing to do': 0.2,
  'exec web true': 0.6,
  'LAMP stop web (Apache ends)': undefined,
  'LAMP stop db (MariaDB ends)': undefined,
  'LAMP up -d --wait, after stop': undefined,
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
  add('LAMP stop web (Apache ends)', time(tool.run(lamp, 'stop', 'web')))
  add('LAMP stop db (MariaDB ends)', time(tool.run(lamp, 'stop', 'db')))
  add('LAMP up -d --wait, after stop', time(tool.run(lamp, 'up', '-d', '--wait')))
  add('LAMP down -v', time(tool.run(lamp, 'down', '-v')))
  add('10 × sleep, up -d', time(tool.run(ten, 'up', '-d')))
  add('10 × sleep, memory (MB)', residentMemory(tool, join(STATE, 'run')))
  add('10 × sleep, down', time(tool.run(ten, 'down', '-t', '1')))
}

const emptyFigures = (): Figures =>
  Object.fromEntries(Object.keys(TARGETS).map(name => [name, [] as number[]])) as Figures

/** From an empty folder to the table: builds images, then passes over all figures with both tools. */
function measureEngine(folder: string, mine: Tool, docker: Tool | undefined): void {
  const workloads = writeWorkloads(folder)
  const tools = docker ? [mine, docker] : [mine]
  for (const tool of tools) buildImages(tool, STATE, folder, workloads)
  const figures = new Map(tools.map(tool => [tool, emptyFigures()]))
  // Interleaved, so that a slow minute of the machine hits both.
  for (let run = 0; run <= RUNS; run += 1)
    for (const tool of tools)
      pass(tool, workloads, run === 0 ? emptyFigures() : (figures.get(tool) ?? emptyFigures()))
  const rows = (Object.keys(TARGETS) as Figure[]).map(name => ({
    name,
    target: TARGETS[name],
    ours: figures.get(mine)?.[name] ?? [],
    theirs: docker && figures.get(docker)?.[name],
  }))
  printTable(RUNS, rows)
}

mkdirSync(STATE, { recursive: true })
const folder = mkdtempSync(join(tmpdir(), 'tscompose-bench-'))
try {
  printMachine(STATE)
  const mine = tscompose(STATE)
  const docker = dockerCompose()
  cpSync('examples/lamp', join(folder, 'lamp'), { recursive: true })
  const part = process.argv[2]
  if (part === undefined || part === 'loader') measureLoader(folder, mine, docker, RUNS)
  if (part === undefined || part === 'engine') measureEngine(folder, mine, docker)
  if (part === undefined || part === 'commands') {
    writeWorkloads(folder)
    measureCommands(folder, mine, docker, RUNS)
  }
  if (part === undefined || part === 'api') {
    writeWorkloads(folder)
    await measureApi(folder, STATE, mine, docker, RUNS)
  }
  if (part === undefined || part === 'watch') {
    writeWorkloads(folder)
    await measureWatch(folder, mine)
  }
  if (part === undefined || part === 'memory') {
    writeWorkloads(folder)
    buildBusybox(mine, folder)
    await measureFootprint(folder, mine)
  }
  if (part === undefined || part === 'images' || part === 'transfers') {
    const workloads = writeWorkloads(folder)
    for (const tool of docker ? [mine, docker] : [mine]) {
      if (part === 'transfers') buildBusybox(tool, folder)
      else buildImages(tool, STATE, folder, workloads)
    }
    if (part !== 'transfers') measureImages(folder, mine, docker, RUNS)
    console.log()
    await measureTransfers(folder, STATE, mine, docker, RUNS)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
