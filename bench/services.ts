import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { prepareBare } from './bare/bare.ts'
import { type Bench, toolsOf } from './bench.ts'
import { printFit } from './fit.ts'
import { time } from './measure.ts'
import { buildBusybox } from './prepare.ts'
import { rest } from './rest.ts'
import { type Tool, tscompose } from './subjects.ts'
import { rowsOf, Taken, takenBy } from './taken.ts'

/** Sizes of the projects that are compared with Docker, and the one that only our own line is drawn through. */
const SIZES = [1, 10, 50, 100] as const
const LARGEST = 300

/** Figure → the ratio to Docker that we promise; undefined where none is. */
const TARGETS: Readonly<Record<string, number | undefined>> = {
  'up -d, 1, no engine runs': 0.5,
  'up -d, 1': 0.2,
  'up -d, 10': 0.1,
  'up -d, 50': 0.05,
  'up -d, 100': 0.05,
  'nothing to do, 1': 0.2,
  'nothing to do, 10': 0.25,
  'nothing to do, 50': 0.25,
  'nothing to do, 100': 0.25,
  'ps, 1': 0.15,
  'ps, 10': 0.15,
  'ps, 50': 0.15,
  'ps, 100': 0.15,
  'exec true': 0.15,
  'restart of one': 0.25,
  'docker run --rm true': 0.25,
  'down, 1': 0.15,
  'down, 10': 0.1,
  'down, 50': 0.05,
  'down, 100': 0.04,
}

/**
 * What commands take for projects of 1 to 100 services that sleep, beside Docker and the kernel alone, and the line through our own up to
 * 300. `BENCH_SIZES`: other sizes (`1,10`), of which the largest is ours alone if it is not among those compared.
 */
export async function measureServices(bench: Bench): Promise<void> {
  const { folder, state, runs, report } = bench
  // An engine of its own: another part's may still run.
  const ours = tscompose(join(state, 'services'))
  const wanted = process.env['BENCH_SIZES']?.split(',').map(Number) ?? [...SIZES, LARGEST]
  const sizes = wanted.filter(size => size < LARGEST)
  const bare = prepareBare(state)
  const tools = toolsOf({ ...bench, ours })
  const taken = tools.map(() => new Taken())
  const limits = new Taken()
  for (const size of [...wanted, 2]) writeProject(folder, size)
  for (const tool of tools) buildBusybox(tool, folder)
  try {
    // Interleaved, so that a slow minute of the machine hits all; the first pass is warming up.
    for (let run = 0; run <= runs; run += 1) {
      const into = (at: number): Taken => takenBy(taken, at, run)
      await untilGone(ours.socket)
      for (const [at, tool] of tools.entries()) await cold(tool, folder, into(at))
      for (const [at, tool] of tools.entries()) await keeping(tool, folder, into(at))
      for (const size of sizes) {
        for (const [at, tool] of tools.entries()) await sized(tool, folder, size, into(at))
        await rest()
        const alone = bare?.(size)
        if (run === 0 || alone === undefined) continue
        limits.add(`up -d, ${size}`, alone.up)
        limits.add(`down, ${size}`, alone.down)
      }
      for (const size of wanted.filter(each => !sizes.includes(each)))
        await sized(ours, folder, size, into(0))
      for (const tool of tools) time(tool.run(projectOf(folder, 2), 'down', '-t', '0'))
    }
  } finally {
    for (const tool of tools)
      for (const size of [2, ...wanted]) time(tool.run(projectOf(folder, size), 'down', '-t', '0'))
  }
  const rows = rowsOf(TARGETS, taken).filter(({ name }) => taken[0]?.has(name))
  report.print(
    runs,
    rows.map(row => ({ ...row, ...(limits.has(row.name) && { bare: limits.of(row.name) }) })),
  )
  for (const name of ['up -d', 'nothing to do', 'ps', 'down'])
    printFit(
      name,
      wanted.map(size => ({ size, seconds: taken[0]?.of(`${name}, ${size}`) ?? [] })),
    )
}

const projectOf = (folder: string, size: number): string => join(folder, `sleep-${size}`)

function writeProject(folder: string, size: number): void {
  mkdirSync(projectOf(folder, size), { recursive: true })
  const services = Array.from(
    { length: size },
    (_value, at) => `  s${at}: {image: bench-busybox, command: [sleep, infinity], init: true}\n`,
  )
  writeFileSync(
    join(projectOf(folder, size), 'compose.yaml'),
    `name: sleep-${size}\nservices:\n${services.join('')}`,
  )
}

/** The first service of a machine on which nothing runs: of ours no engine either. */
async function cold(tool: Tool, folder: string, into: Taken): Promise<void> {
  await rest()
  const project = projectOf(folder, 2)
  into.add('up -d, 1, no engine runs', time(tool.run(project, 'up', '-d', 's0')))
}

/** On the project that keeps our engine from ending, of which one service runs: what is not measured by size. */
async function keeping(tool: Tool, folder: string, into: Taken): Promise<void> {
  await rest()
  const project = projectOf(folder, 2)
  time(tool.run(project, 'up', '-d'))
  into.add('exec true', time(tool.run(project, 'exec', '-T', 's0', 'true')))
  into.add('restart of one', time(tool.run(project, 'restart', '-t', '0', 's0')))
  const command = ['docker', '-H', `unix://${tool.socket}`, 'run', '--rm', 'bench-busybox', 'true']
  into.add('docker run --rm true', time({ command, cwd: folder, env: process.env }))
}

/** What a tool leaves to be done behind a command of its own counts for its next one; what others have left does not. */
async function sized(tool: Tool, folder: string, size: number, into: Taken): Promise<void> {
  await rest()
  const project = projectOf(folder, size)
  into.add(`up -d, ${size}`, time(tool.run(project, 'up', '-d')))
  into.add(`nothing to do, ${size}`, time(tool.run(project, 'up', '-d')))
  into.add(`ps, ${size}`, time(tool.run(project, 'ps')))
  into.add(`down, ${size}`, time(tool.run(project, 'down', '-t', '0')))
}

/** Until the engine of the pass before has ended, as it does without containers and clients. */
async function untilGone(socket: string): Promise<void> {
  while (existsSync(socket)) await setTimeout(50)
}
