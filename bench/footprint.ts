import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { time } from './measure.ts'
import type { Tool } from './subjects.ts'

const CONTAINERS = Number(process.env['BENCH_CONTAINERS'] ?? 100)
/** Megabytes of real memory (PSS) a container, of its monitor with guard and its relay; and of the servers of /proc files of a hundred. */
const PROMISED_EACH = 0.4
/** Megabytes (PSS) of all that is ours: with one container beside the last line's part, and the engine's alone with a hundred. */
const PROMISED_FIRST = 55
const PROMISED_ENGINE = 90
const PROMISED_SERVERS = 4
/** A start's garbage is collected by then, and whoever reads /proc files has read. */
const SETTLED_MILLISECONDS = 4000
/** How long the last processes may take to end when all is taken down. */
const END_MILLISECONDS = 20_000

/** Kilobytes of our processes, by the names that they have. */
interface Found {
  readonly count: number
  readonly kilobytes: number
}

/**
 * What containers with limits cost beside what runs in them: each on a network, each reading /proc/meminfo every two seconds. Prints the real
 * memory of what is ours, and what is left of it when all is taken down.
 */
export async function measureFootprint(folder: string, tool: Tool): Promise<void> {
  const project = join(folder, 'footprint')
  mkdirSync(project, { recursive: true })
  const script = 'while read -r x < /proc/meminfo; do sleep 2; done'
  const service = `{image: bench-busybox, init: true, mem_limit: 64m, scale: ${CONTAINERS}, command: [sh, -c, "${script}"]}`
  writeFileSync(join(project, 'compose.yaml'), `name: footprint\nservices:\n  a: ${service}\n`)
  const subject = tool.run(project, 'up', '-d')
  const run = subject.env?.['TSCOMPOSE_RUN'] ?? ''
  time(tool.run(project, 'up', '-d', '--scale', 'a=1'))
  await setTimeout(SETTLED_MILLISECONDS)
  verdict('all of ours, MB with one container', ours('tscompose', run).kilobytes / 1024, PROMISED_FIRST)
  time(subject)
  try {
    await setTimeout(SETTLED_MILLISECONDS)
    const monitors = ours('tscompose-mon', run)
    const guards = ours('tscompose-guard', run)
    const relays = ours('tscompose-relay', run)
    const servers = ours('tscompose-proc', run)
    const each = (monitors.kilobytes + guards.kilobytes + relays.kilobytes) / CONTAINERS / 1024
    const tell = (name: string, { count, kilobytes }: Found): void =>
      console.log(`${name}: ${count}, ${(kilobytes / Math.max(1, count)).toFixed(0)} kB each (PSS)`)
    tell('monitors', monitors)
    tell('guards', guards)
    tell('relays', relays)
    tell('servers of /proc files', servers)
    const engine = ours('tscomposed', run).kilobytes / 1024
    verdict(`engine, MB with ${CONTAINERS} containers`, engine, PROMISED_ENGINE)
    verdict(`monitor and relay, MB a container`, each, PROMISED_EACH)
    verdict(
      `servers of /proc files, MB for ${CONTAINERS} containers`,
      servers.kilobytes / 1024,
      (PROMISED_SERVERS * CONTAINERS) / 100,
    )
  } finally {
    time(tool.run(project, 'down', '-t', '0'))
  }
  const end = performance.now() + END_MILLISECONDS
  while (ours('tscompose', run).count > 0 && performance.now() < end) await setTimeout(100)
  verdict('processes when nothing runs', ours('tscompose', run).count, 0)
}

function verdict(name: string, value: number, promised: number): void {
  console.log(`${name}: ${value.toFixed(2)} (≤${promised} ${value <= promised ? 'met' : 'MISSED'})`)
}

/** Our processes whose names begin so: the engine, by the folder in its environment, and what it has begun. */
function ours(name: string, run: string): Found {
  const parents = new Map<string, string>()
  const named: string[] = []
  const own = new Set<string>()
  for (const pid of readdirSync('/proc').filter(each => /^\d+$/.test(each))) {
    const status = read(`/proc/${pid}/status`)
    parents.set(pid, /^PPid:\t(.*)$/m.exec(status)?.[1] ?? '')
    if (/^Name:\t(.*)$/m.exec(status)?.[1]?.startsWith(name)) named.push(pid)
    if (read(`/proc/${pid}/environ`).includes(`TSCOMPOSE_RUN=${run}\0`)) own.add(pid)
  }
  const isOurs = (pid: string | undefined): boolean =>
    pid !== undefined && pid !== '' && (own.has(pid) || isOurs(parents.get(pid)))
  const found = named.filter(isOurs)
  const kilobytes = found.map(pid =>
    Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0),
  )
  return { count: found.length, kilobytes: kilobytes.reduce((sum, each) => sum + each, 0) }
}

/** Nothing of a process that has ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
