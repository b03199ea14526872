import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { join } from 'node:path'
import { enginePaths } from '../src/engine/state/paths.ts'
import type { Bench } from './bench.ts'
import { median, time } from './measure.ts'
import { buildBusybox } from './prepare.ts'
import { type Tool, tscompose } from './subjects.ts'

/** What the user namespace may cost: this share more than the same without it. */
const PROMISED = 1.03

/** Fewer pairs than this say nothing about three in a hundred. */
const PAIRS = 40

/** In the order in which a project lives: each begins where the one before has ended. */
const STEPS: readonly (readonly [name: string, ...command: string[]])[] = [
  ['up of five, with volumes', 'up', '-d'],
  ['nothing to do', 'up', '-d'],
  ['exec', 'exec', '-T', 'a', 'true'],
  ['run --rm', 'run', '--rm', '-T', '--no-deps', 'a', 'true'],
  ['cp in', 'cp', 'file', 'a:/tmp'],
  ['cp out', 'cp', 'a:/bin/busybox', 'out'],
  ['restart', 'restart', '-t', '0'],
  ['build of two steps', 'build', '--no-cache', 'built'],
  ['down', 'down', '-v', '-t', '0'],
]

const STACK = `services:
  a: {image: bench-busybox, command: sleep 100000, init: true, volumes: ["data:/data", "./:/bound"]}
  b: {image: bench-busybox, command: sleep 100000, init: true, scale: 4}
  built: {build: ., image: pair-built, profiles: [never]}
volumes: {data: {}}
`

/** One of the two that are compared, with a project of its own. */
interface Side {
  readonly tool: Tool
  /** Where its engine has its state. */
  readonly root: string
  readonly project: string
}

/** Of each pair what one half took of the other: on the clock, and of processors. */
interface Ratios {
  readonly clock: number[]
  readonly processors: number[]
}

/**
 * What the user namespace costs: each step with it and without, one right after the other, in turn the one first and the other. Two engines with
 * state of their own, so that neither has the other's caches. What is compared is the ratio within a pair: a slow minute of the machine is in both halves
 * of it. Prints the median of the ratios and where it lies with 95 in 100: of wall time, and of the processor time of the engine, all that it
 * has begun and its containers, which says something on a busy machine, too.
 */
export async function measureUserNamespace({ folder, state, runs }: Bench): Promise<void> {
  const [on, off] = [sideOf(folder, state, 'project'), sideOf(folder, state, 'host')]
  const pairs = Math.max(PAIRS, runs)
  const ratios = new Map(STEPS.map(([name]): [string, Ratios] => [name, { clock: [], processors: [] }]))
  const held: Socket[] = []
  for (const { tool } of [on, off]) {
    buildBusybox(tool, folder)
    held.push(await keptUp(tool))
  }
  try {
    // The first pass is warming up.
    for (let pair = 0; pair <= pairs; pair += 1)
      for (const [name, ...command] of STEPS) {
        const first = pair % 2 === 0 ? costOf(on, command) : undefined
        const without = costOf(off, command)
        const withUsers = first ?? costOf(on, command)
        if (pair === 0) continue
        ratios.get(name)?.clock.push(withUsers.clock / without.clock)
        ratios.get(name)?.processors.push(withUsers.processors / without.processors)
      }
  } finally {
    for (const { tool, project } of [on, off]) time(tool.run(project, 'down', '-v', '-t', '0'))
    for (const connection of held) connection.destroy()
  }
  console.log(`with a user namespace, as a share of without: ${pairs} pairs`)
  console.log(`${''.padEnd(28)}${'on the clock'.padEnd(36)}of processors`)
  for (const [name, { clock, processors }] of ratios)
    console.log(`${name.padEnd(28)}${verdict(clock).padEnd(36)}${verdict(processors)}`)
  console.log()
}

/** An engine that stays although nothing of it runs: its group is what its processors' time is read from. */
async function keptUp({ socket }: Tool): Promise<Socket> {
  const connection = createConnection(socket)
  await once(connection, 'connect')
  return connection
}

function costOf(side: Side, command: readonly string[]): { clock: number; processors: number } {
  const before = processorTime(side)
  const clock = time(side.tool.run(side.project, ...command))
  return { clock, processors: processorTime(side) - before }
}

/** Microseconds that the engine's group has had of processors, all groups in it included, those that are gone, too. */
function processorTime({ root }: Side): number {
  const group = `tscompose-${enginePaths(root, '').engineId}`
  const paths = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].map(top => join(top, group, 'cpu.stat'))
  const path = paths.find(each => existsSync(each))
  // Before its first container it has none.
  if (path === undefined) return 0
  return Number(/^usage_usec (\d+)$/m.exec(readFileSync(path, 'utf8'))?.[1])
}

function sideOf(folder: string, state: string, users: 'project' | 'host'): Side {
  const place = join(state, `users-${users}`)
  const tool = tscompose(place)
  const run: Tool['run'] = (cwd, ...args) => {
    const subject = tool.run(cwd, ...args)
    return { ...subject, env: { ...subject.env, TSCOMPOSE_USERNS: users } }
  }
  return { tool: { ...tool, run }, root: join(place, 'root'), project: projectOf(folder, `with-${users}`) }
}

function projectOf(folder: string, name: string): string {
  const project = join(folder, name)
  mkdirSync(project, { recursive: true })
  writeFileSync(join(project, 'compose.yaml'), `name: ${name}\n${STACK}`)
  writeFileSync(join(project, 'file'), Buffer.alloc(1 << 20))
  writeFileSync(
    join(project, 'Dockerfile'),
    'FROM bench-busybox\nRUN true\nCOPY file /file\nRUN chmod 600 /file\n',
  )
  return project
}

/** `met` and `MISSED` where the interval says so; else the machine was too busy, or the pairs too few. */
function verdict(ratios: readonly number[]): string {
  const sorted = [...ratios].sort((a, b) => a - b)
  const at = (index: number): number => sorted[Math.min(sorted.length - 1, Math.max(0, index))] ?? Number.NaN
  // Ranks between which the median is with 95 in 100, whatever the distribution.
  const reach = (1.96 * Math.sqrt(sorted.length)) / 2
  const [least, most] = [at(Math.floor(sorted.length / 2 - reach)), at(Math.ceil(sorted.length / 2 + reach))]
  const word = most <= PROMISED ? 'met' : least > PROMISED ? 'MISSED' : 'not known'
  return `${median(ratios).toFixed(3)}  ${least.toFixed(3)}–${most.toFixed(3)}  ${word}`
}
