import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, toolsOf } from './bench.ts'
import { type Subject, time } from './measure.ts'
import { buildBusybox } from './prepare.ts'
import type { Tool } from './subjects.ts'
import { rowsOf, Taken, takenBy } from './taken.ts'

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
export function measureLogs(bench: Bench): void {
  const { folder, runs, report } = bench
  const stack = join(folder, 'logs')
  mkdirSync(stack, { recursive: true })
  writeFileSync(join(stack, 'compose.yaml'), STACK)
  const tools = toolsOf(bench)
  const turns = Math.min(runs, MOST_TURNS)
  const taken = tools.map(() => new Taken())
  try {
    for (const tool of tools) {
      buildBusybox(tool, folder)
      time(tool.run(stack, 'up', '-d', 'large'))
      written(tool, 'logs-large-1')
    }
    for (let turn = 0; turn <= turns; turn += 1)
      for (const [at, tool] of tools.entries()) pass(tool, stack, takenBy(taken, at, turn))
  } finally {
    for (const tool of tools) time(tool.run(stack, 'down', '-v', '-t', '0'))
  }
  report.print(turns, rowsOf(TARGETS, taken))
}

function pass(tool: Tool, stack: string, into: Taken): void {
  const add = (figure: Figure, seconds: number): void => into.add(figure, seconds)
  time(tool.run(stack, 'up', '-d', '--force-recreate', 'lines'))
  add('a million lines written', written(tool, 'logs-lines-1'))
  add('a million lines read', time(unseen(tool.run(stack, 'logs', '--no-log-prefix', 'lines'))))
  add('logs --tail 100 of 1 GB', time(unseen(tool.run(stack, 'logs', '--tail', '100', 'large'))))
}

/** Seconds that a container ran, once it has ended. */
function written({ socket }: Tool, container: string): number {
  const docker = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('docker', ['-H', `unix://${socket}`, ...args], {
      encoding: 'utf8',
    })
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
