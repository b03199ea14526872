import {
  appendFileSync,
  closeSync,
  cpSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Bench } from './bench.ts'
import { time } from './measure.ts'
import type { Tool } from './subjects.ts'
import { emptyRows } from './taken.ts'
import { hold } from './transfers.ts'

const FILES = 20_000
const LARGE = 1_000_000_000
const STAGES = 30
const COMMANDS = 100

/** What is built, and the ratio to Docker that we promise; `prepare` makes the change that the build is to find. */
interface Figure {
  readonly name: string
  readonly target: number
  readonly folder: string
  readonly arguments: readonly string[]
  readonly prepare?: (folder: string, run: number) => void
  /** Takes minutes: it is measured once, after a first time where that brings packages. */
  readonly isLong?: 'once' | 'twice'
}

/** Content that nobody has seen: both tools keep their caches between two benches. */
const changeSmall = (folder: string, run: number): void =>
  appendFileSync(join(folder, 'd7', 'f7'), `${run} ${process.pid} ${Date.now()}\n`)

const FIGURES: readonly Figure[] = [
  { name: '20,000 files, one changed', target: 1, folder: 'many', arguments: [], prepare: changeSmall },
  { name: '20,000 files, nothing changed', target: 1, folder: 'many', arguments: [] },
  { name: '1 GB file, changed', target: 1, folder: 'large', arguments: [], prepare: changeLarge },
  { name: '1 GB file, nothing changed', target: 1, folder: 'large', arguments: [] },
  { name: '20,000 files ignored by ** and !src', target: 1, folder: 'ignored', arguments: [] },
  { name: '30 stages of sleep 1, no cache', target: 0.4, folder: 'stages', arguments: ['--no-cache'] },
  {
    name: '100 × RUN true, no cache',
    target: 0.1,
    folder: 'commands',
    arguments: ['--no-cache'],
    isLong: 'once',
  },
  { name: 'LAMP build, all cached', target: 0.35, folder: 'lamp', arguments: [] },
  {
    name: 'LAMP build, no cache, packages here',
    target: 0.9,
    folder: 'lamp-packages',
    arguments: ['--no-cache'],
    isLong: 'twice',
  },
]

/** Builds from warm caches, with both tools in turns; wants the images `bench-busybox` and `debian:bookworm` in both, and LAMP's. */
export function measureImages({ folder, ours, docker, runs, report }: Bench): void {
  writeContexts(folder)
  const rows = emptyRows(FIGURES, docker)
  const letGo = hold(ours, folder)
  try {
    for (let run = 0; run <= runs; run += 1) pass(run)
  } finally {
    letGo()
  }
  report.print(runs, rows)

  // The first one is warming up.
  function pass(run: number): void {
    for (const row of rows) {
      if (row.isLong && (run > 1 || (run === 0 && row.isLong === 'once'))) continue
      const cwd = join(folder, row.folder)
      row.prepare?.(cwd, run)
      const once = (tool: Tool): number => time(tool.run(cwd, 'build', ...row.arguments))
      const [mine, other] = [once(ours), docker && once(docker)]
      if (run > 0) row.ours.push(mine)
      if (run > 0 && other !== undefined) row.theirs?.push(other)
    }
  }
}

function writeContexts(folder: string): void {
  const write = (name: string, dockerfile: string): string => {
    const context = join(folder, name)
    mkdirSync(context, { recursive: true })
    writeFileSync(join(context, 'Dockerfile'), dockerfile)
    writeFileSync(
      join(context, 'compose.yaml'),
      `name: bench-${name}\nservices: {web: {build: ., image: bench-${name}}}\n`,
    )
    return context
  }
  writeFiles(write('many', 'FROM bench-busybox\nCOPY . /c\n'))
  closeSync(openSync(join(write('large', 'FROM bench-busybox\nCOPY . /c\n'), 'blob'), 'w'))
  changeLarge(join(folder, 'large'), 0)
  const ignored = write('ignored', 'FROM bench-busybox\nCOPY . /c\n')
  writeFileSync(join(ignored, '.dockerignore'), '**\n!src\n')
  mkdirSync(join(ignored, 'src'))
  writeFileSync(join(ignored, 'src', 'x'), '')
  writeFiles(join(ignored, 'modules'))
  const numbers = Array.from({ length: STAGES }, (_value, at) => at)
  const stages = numbers.map(at => `FROM bench-busybox AS s${at}\nRUN sleep 1; echo ${at} > /o${at}\n`)
  const copies = numbers.map(at => `COPY --from=s${at} /o${at} /\n`)
  write('stages', `${stages.join('')}FROM bench-busybox\n${copies.join('')}`)
  write('commands', `FROM bench-busybox\n${'RUN true\n'.repeat(COMMANDS)}`)
  writeLamp(folder)
}

/** LAMP with packages that stay on the machine between two builds: what the network takes is not the builder's. */
function writeLamp(folder: string): void {
  const lamp = join(folder, 'lamp-packages')
  cpSync('examples/lamp', lamp, { recursive: true })
  writeFileSync(join(lamp, '.env'), 'COMPOSE_PROJECT_NAME=bench-lamp-packages\n')
  for (const service of ['web', 'db']) {
    const file = join(lamp, service, 'Dockerfile')
    const mounts = ['cache/apt', 'lib/apt/lists'].map(
      (path, at) => `--mount=type=cache,id=bench-${service}-${at},target=/var/${path}`,
    )
    const lists =
      '{ test -e /var/lib/apt/lists/here || { apt-get update && touch /var/lib/apt/lists/here; }; }'
    const text = readFileSync(file, 'utf8')
      .replace(
        'RUN apt-get update',
        `RUN ${mounts.join(' ')} rm -f /etc/apt/apt.conf.d/docker-clean; ${lists}`,
      )
      .replace('/var/lib/apt/lists/*', '')
    writeFileSync(file, text)
  }
}

function writeFiles(folder: string): void {
  for (let at = 0; at < FILES; at += 1) {
    const inside = join(folder, `d${at % 200}`)
    if (at < 200) mkdirSync(inside, { recursive: true })
    writeFileSync(join(inside, `f${at}`), `content ${at}\n`.repeat(20))
  }
}

/** Another file of 1 GB each time: a few of its bytes say which. */
function changeLarge(folder: string, run: number): void {
  const file = openSync(join(folder, 'blob'), 'r+')
  ftruncateSync(file, LARGE)
  writeSync(file, `${run} ${process.pid} ${Date.now()}\n`, LARGE / 2)
  closeSync(file)
}
