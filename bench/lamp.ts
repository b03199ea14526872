import { join } from 'node:path'
import { type Bench, toolsOf } from './bench.ts'
import { time } from './measure.ts'
import { residentMemory } from './memory.ts'
import { buildImages, type Workloads } from './prepare.ts'
import type { Tool } from './subjects.ts'
import { rowsOf, Taken, takenBy } from './taken.ts'

/**
 * Figure name → the ratio to Docker that we promise; undefined where the figure only explains another. Most of what `up` with
 * an empty volume and `down -v` take is MariaDB's own work on the disk, the same with either tool: how much of it, differs
 * from machine to machine and moves their ratio. "up after stop" is without its first start, "stop db" is its last.
 */
const TARGETS = {
  'LAMP up -d --wait, empty volume': 0.6,
  'LAMP up -d --wait, nothing to do': 0.2,
  'exec web true': 0.6,
  'snapshot save, while LAMP runs': undefined,
  'snapshot restore, a project at rest': undefined,
  'LAMP stop web (Apache ends)': undefined,
  'LAMP stop db (MariaDB ends)': undefined,
  'LAMP up -d --wait, after stop': undefined,
  'LAMP down -v': 0.35,
  '10 × sleep, up -d': 0.3,
  '10 × sleep, memory (MB)': 0.3,
  '10 × sleep, down': 0.3,
} as const
type Figure = keyof typeof TARGETS

/** From an empty folder to the table: builds images, then passes over all figures with both tools. */
export function measureLamp(bench: Bench): void {
  const { state, workloads, runs, report } = bench
  const tools = toolsOf(bench)
  for (const tool of tools) buildImages(tool, bench)
  const taken = tools.map(() => new Taken())
  // Interleaved, so that a slow minute of the machine hits both.
  for (let run = 0; run <= runs; run += 1)
    for (const [at, tool] of tools.entries()) pass(tool, state, workloads, takenBy(taken, at, run))
  report.print(runs, rowsOf(TARGETS, taken))
}

/** One pass over all figures; what it starts it also takes down. */
function pass(tool: Tool, state: string, { lamp, ten }: Workloads, into: Taken): void {
  const add = (figure: Figure, value: number): void => into.add(figure, value)
  add('LAMP up -d --wait, empty volume', time(tool.run(lamp, 'up', '-d', '--wait')))
  add('LAMP up -d --wait, nothing to do', time(tool.run(lamp, 'up', '-d', '--wait')))
  add('exec web true', time(tool.run(lamp, 'exec', '-T', 'web', 'true')))
  if (tool.name === 'tscompose') passSnapshots(tool, lamp, add)
  add('LAMP stop web (Apache ends)', time(tool.run(lamp, 'stop', 'web')))
  add('LAMP stop db (MariaDB ends)', time(tool.run(lamp, 'stop', 'db')))
  add('LAMP up -d --wait, after stop', time(tool.run(lamp, 'up', '-d', '--wait')))
  add('LAMP down -v', time(tool.run(lamp, 'down', '-v')))
  add('10 × sleep, up -d', time(tool.run(ten, 'up', '-d')))
  add('10 × sleep, memory (MB)', residentMemory(tool, join(state, 'run')))
  add('10 × sleep, down', time(tool.run(ten, 'down', '-t', '1')))
}

/** What Docker has nothing like: MariaDB's volume is kept, and cloned for another project. */
function passSnapshots(tool: Tool, lamp: string, add: (figure: Figure, seconds: number) => void): void {
  const clone = ['-p', 'lamp-clone'] as const
  time(tool.run(lamp, ...clone, 'create', 'db'))
  add('snapshot save, while LAMP runs', time(tool.run(lamp, 'snapshot', 'save', 'bench')))
  const restore = tool.run(lamp, ...clone, 'snapshot', 'restore', 'lamp/bench')
  add('snapshot restore, a project at rest', time(restore))
  time(tool.run(lamp, 'snapshot', 'rm', 'bench'))
  time(tool.run(lamp, ...clone, 'down', '-v'))
}
