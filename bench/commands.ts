import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Bench, toolsOf } from './bench.ts'
import { time } from './measure.ts'
import { buildBusybox } from './prepare.ts'
import { emptyRows } from './taken.ts'

/** Commands that look at a running project or run one of their own in it, and the ratio to Docker that we promise. */
const FIGURES = [
  { name: 'ps', command: ['ps'], target: 0.5 },
  { name: 'ps --format TEMPLATE', command: ['ps', '--format', '{{.Name}} {{.State}}'], target: 0.5 },
  { name: 'ls', command: ['ls'], target: 0.5 },
  { name: 'images', command: ['images'], target: undefined },
  { name: 'volumes', command: ['volumes'], target: undefined },
  { name: 'logs --tail 100', command: ['logs', '--tail', '100'], target: 0.5 },
  { name: 'top', command: ['top'], target: 0.5 },
  {
    name: 'run --rm SERVICE true',
    command: ['run', '--rm', '-T', '--no-deps', 'sleeper', 'true'],
    target: 0.5,
  },
  { name: 'stats --no-stream', command: ['stats', '--no-stream'], target: undefined },
] as const

/** Five services, of which one has written 10,000 lines. */
const STACK = `name: five
services:
  writer: {image: bench-busybox, command: sh -c "seq 10000; exec sleep 100000", init: true, volumes: ["data:/data"]}
  sleeper: {image: bench-busybox, command: sleep 100000, init: true, scale: 4}
volumes: {data: {}}
`

/** What quick commands take beside a running project, start of the program included. The image must be there. */
export function measureCommands(bench: Bench): void {
  const { folder, docker, runs, report } = bench
  const stack = join(folder, 'five')
  mkdirSync(stack, { recursive: true })
  writeFileSync(join(stack, 'compose.yaml'), STACK)
  const tools = toolsOf(bench)
  const rows = emptyRows(FIGURES, docker)
  try {
    for (const tool of tools) {
      buildBusybox(tool, folder)
      time(tool.run(stack, 'up', '-d'))
    }
    // Interleaved, so that a slow minute of the machine hits both; the first pass is warming up.
    for (let run = 0; run <= runs; run += 1)
      for (const { command, ours: mine, theirs } of rows) {
        const taken = tools.map(tool => time(tool.run(stack, ...command)))
        if (run > 0) mine.push(taken[0] ?? Number.NaN)
        if (run > 0) theirs?.push(taken[1] ?? Number.NaN)
      }
  } finally {
    for (const tool of tools) time(tool.run(stack, 'down', '-v', '-t', '0'))
  }
  report.print(runs, rows)
}
