import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Subject, time } from './measure.ts'
import { buildBusybox } from './prepare.ts'
import type { Report } from './report.ts'
import type { Tool } from './subjects.ts'

const LINES = 1_000_000
const GIGABYTE = 1_000_000_000
/** Docker alone takes most of a minute to write the larger log. */
const MOST_TURNS = 3

const TARGETS = {
  'a million lines written': 0.25,
  'a million lines read': 0.15,
  'logs --tail 100 of 1 GB': 0.5,
} as const
type Figure = keyof typeof TARGETS
type Taken = Record<Figure, number[]>

/** `lines` ends when it has written; `large` has written one gigabyte, in lines of a kilobyte. */
const STACK = `name: logs
services:
  lines: {image: bench-busybox, command: [seq, "${LINES}"], logging: {driver: json-file}}
  large:
    image: bench-busybox
    command: [sh, -c, 'yes "$$(printf %999s x)" | head -c ${GIGABYTE}']
    logging: {driver: json-file, options: {max-size: 4g}}
`

/** What it takes to write a log and to read it again. Written: from the container's start to its end, as the engine tells it. */
export function measureLogs(
  folder: string,
  state: string,
  ours: Tool,
  docker: Tool | undefined,
  runs: number,
  report: Report,
): void {
  const stack = join(folder, 'logs')
  mkdirSync(stack, { recursive: true })
  writeFileSync(join(stack, 'compose.yaml'), STACK)
  const tools = docker ? [ours, docker] : [ours]
  const turns = Math.min(runs, MOST_TURNS)
  const taken = tools.map(emptyTaken)
  const hosts = [`unix://${join(state, 'run', 'engine.sock')}`, process.env['DOCKER_HOST'] ?? '']
  try {
    for (const [at, tool] of tools.entries()) {
      buildBusybox(tool, folder)
      time(tool.run(stack, 'up', '-d', 'large'))
      written(hosts[at] ?? '', 'logs-large-1')
    }
    for (let turn = 0; turn <= turns; turn += 1)
      for (const [at, tool] of tools.entries())
        pass(tool, stack, hosts[at] ?? '', turn === 0 ? emptyTaken() : (taken[at] ?? emptyTaken()))
  } finally {
    for (const tool of tools) time(tool.run(stack, 'down', '-v', '-t', '0'))
  }
  const names = Object.keys(TARGETS) as Figure[]
  const rows = names.map(name => ({
    name,
    target: TARGETS[name],
    ours: taken[0]?.[name] ?? [],
    theirs: taken[1]?.[name],
  }))
  report.print(turns, rows)
}

const emptyTaken = (): Taken => ({
  'a million lines written': [],
  'a million lines read': [],
  'logs --tail 100 of 1 GB': [],
})

function pass(tool: Tool, stack: string, host: string, into: Taken): void {
  time(tool.run(stack, 'up', '-d', '--force-recreate', 'lines'))
  into['a million lines written'].push(written(host, 'logs-lines-1'))
  into['a million lines read'].push(time(unseen(tool.run(stack, 'logs', '--no-log-prefix', 'lines'))))
  into['logs --tail 100 of 1 GB'].push(time(unseen(tool.run(stack, 'logs', '--tail', '100', 'large'))))
}

/** Seconds that a container ran, once it has ended. */
function written(host: string, container: string): number {
  const docker = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('docker', ['-H', host, ...args], { encoding: 'utf8' })
    if (status !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`)
    return stdout
  }
  docker('wait', container)
  const { StartedAt, FinishedAt } = JSON.parse(docker('inspect', '-f', '{{json .State}}', container))
  return (Date.parse(FinishedAt) - Date.parse(StartedAt)) / 1e3
}

/** Its output goes where nobody reads it: what is measured is the tool. */
function unseen(subject: Subject): Subject {
  return { ...subject, command: ['sh', '-c', '"$@" >/dev/null', 'sh', ...subject.command] }
}
