import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, toolsOf } from './bench.ts'
import { type Subject, time } from './measure.ts'
import { startBenchRegistry } from './registry.ts'
import type { Tool } from './subjects.ts'
import type { Row } from './table.ts'
import { Taken } from './taken.ts'

/** Figure name → the ratio that we promise: to Docker, or to Podman where the name says so. */
const TARGETS = {
  'pull 155 MB, cold': undefined,
  'pull 155 MB, cold (Podman)': 0.6,
  'pull, nothing new': 1,
  'push of what is there': 1,
  'save 373 MB': 1,
  'save 373 MB (Podman)': 1,
  'load 373 MB': 1,
  'load 373 MB (Podman)': 1,
} as const
type Figure = keyof typeof TARGETS

/** Docker alone takes most of a minute for one turn. */
const MOST_TURNS = 3

/** What one of the tools takes; Podman's are to be found under names of its own. */
interface Transfers {
  readonly suffix: '' | ' (Podman)'
  readonly pull: () => number
  readonly push: () => number
  readonly save: () => number
  readonly load: () => number
  readonly remove: () => void
}

/**
 * Pulls, pushes, saves and loads an image of 364 MB with all tools in turns, and prints what the engine's process takes while a layer of
 * 2 GB comes. `BENCH_PODMAN` is the command of a Podman to measure against.
 */
export async function measureTransfers(bench: Bench): Promise<void> {
  const { folder, state, ours, runs, report } = bench
  const turns = Math.min(runs, MOST_TURNS)
  const registry = await startBenchRegistry(folder, state)
  if (registry === undefined) return
  const letGo = hold(ours, folder)
  try {
    const { image, large } = registry
    const archive = join(folder, 'image.tar')
    const podman = process.env['BENCH_PODMAN']?.split(' ')
    const tools = [
      ...toolsOf(bench).map(tool => ofEngine(tool, folder, image, archive)),
      ...(podman === undefined ? [] : [ofPodman(podman, folder, image, archive)]),
    ]
    const taken = tools.map(() => new Taken())
    for (let turn = 1; turn <= turns; turn += 1) {
      console.log(`transfers: turn ${turn} of ${turns}`)
      for (const [at, tool] of tools.entries()) pass(tool, taken[at] ?? new Taken())
    }
    report.print(turns, rowsWithPodman(taken))
    console.log(
      `\nengine while a layer of 2 GB comes: ${Math.round(await peakMemory(ours, state, folder, large))} MB (at most 150)`,
    )
  } finally {
    letGo()
    registry.stop()
  }
}

/** Our engine ends when nobody needs it, Docker's is always there: a container has ours stay. What ends that. */
export function hold(tool: Tool, folder: string): () => void {
  const cwd = join(folder, 'transfers-held')
  mkdirSync(cwd, { recursive: true })
  const service = '{image: bench-busybox, command: [sleep, infinity], init: true}'
  writeFileSync(join(cwd, 'compose.yaml'), `name: held\nservices: {web: ${service}}\n`)
  time(tool.run(cwd, 'up', '-d'))
  return () => void time(tool.run(cwd, 'down', '-t', '0'))
}

function pass(tool: Transfers, into: Taken): void {
  const add = (figure: string, seconds: number): void => into.add(`${figure}${tool.suffix}`, seconds)
  tool.remove()
  add('pull 155 MB, cold', tool.pull())
  add('pull, nothing new', tool.pull())
  add('push of what is there', tool.push())
  add('save 373 MB', tool.save())
  tool.remove()
  add('load 373 MB', tool.load())
}

/** Ours is the first; Podman is compared in rows of its own. */
function rowsWithPodman(taken: readonly Taken[]): readonly Row[] {
  const [mine, ...others] = taken
  return (Object.keys(TARGETS) as Figure[]).map(name => ({
    name,
    target: TARGETS[name],
    ours: mine?.of(name.replace(' (Podman)', '')) ?? [],
    theirs: others.find(each => each.has(name))?.of(name),
  }))
}

/** By a Compose file, and archives by the Engine API. */
function ofEngine(tool: Tool, folder: string, image: string, archive: string): Transfers {
  const cwd = join(folder, `transfers-${tool.name}`)
  mkdirSync(cwd, { recursive: true })
  const service = `{image: "${image}", build: .}`
  writeFileSync(join(cwd, 'compose.yaml'), `name: transfers\nservices: {web: ${service}}\n`)
  const call = (method: string, path: string, ...args: string[]): Subject => ({
    command: ['curl', '-sSf', '--unix-socket', tool.socket, '-X', method, `http://engine${path}`, ...args],
    cwd,
    env: process.env,
  })
  return {
    suffix: '',
    pull: () => time(tool.run(cwd, 'pull', '-q')),
    push: () => time(tool.run(cwd, 'push', '-q')),
    save: () => time(call('GET', `/images/${encodeURIComponent(image)}/get`, '-o', archive)),
    load: () => time(call('POST', '/images/load', '-T', archive, '-o', '/dev/null')),
    remove: () => void time(tool.run(cwd, 'down', '--rmi', 'all')),
  }
}

function ofPodman(podman: readonly string[], cwd: string, image: string, archive: string): Transfers {
  const run = (...args: string[]): number =>
    time({ command: [...podman, ...args], cwd, env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined } })
  return {
    suffix: ' (Podman)',
    pull: () => run('pull', '-q', '--tls-verify=false', image),
    push: () => run('push', '-q', '--tls-verify=false', image),
    save: () => {
      // It writes over nothing.
      rmSync(`${archive}.podman`, { force: true })
      return run('save', '-q', '-o', `${archive}.podman`, image)
    },
    load: () => run('load', '-q', '-i', archive),
    remove: () => void run('rmi', '-f', '-i', image),
  }
}

/** Most megabytes that the engine's process had in memory during a pull. */
async function peakMemory(tool: Tool, state: string, folder: string, image: string): Promise<number> {
  const cwd = join(folder, 'transfers-large')
  mkdirSync(cwd, { recursive: true })
  writeFileSync(join(cwd, 'compose.yaml'), `name: transfers\nservices: {web: {image: "${image}"}}\n`)
  const { command, env } = tool.run(cwd, 'pull', '-q')
  const [file = '', ...args] = command
  let peak = 0
  const look = (): void => {
    peak = Math.max(peak, engineMemory(join(state, 'run', 'engine.lock')))
  }
  const timer = setInterval(look, 20)
  const child = spawn(file, args, { cwd, env, stdio: 'ignore' })
  const status = await new Promise(resolve => child.once('exit', resolve))
  clearInterval(timer)
  if (status !== 0) throw new Error(`pull of ${image}: status ${status}`)
  time(tool.run(cwd, 'down', '--rmi', 'all'))
  return peak
}

function engineMemory(lock: string): number {
  try {
    const pid = /\d+/.exec(readFileSync(lock, 'utf8'))?.[0]
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    // It has not begun, or has ended.
    return 0
  }
}
