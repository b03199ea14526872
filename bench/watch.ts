import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Docker } from '../src/client/index.ts'
import { errnoOf } from '../src/diagnostics/index.ts'
import { time } from './measure.ts'
import { buildBusybox } from './prepare.ts'
import type { Tool } from './subjects.ts'

const EDITS = 200
const PROMISED = 50
/** Milliseconds until an edit is given up. */
const LOST = 30_000

const COMPOSE = `name: watched
services:
  a:
    image: bench-busybox
    command: sleep 100000
    init: true
    develop: {watch: [{path: ./src, action: sync, target: /app}]}
`

/** From an edit of one of 10,000 files to its text in the container, half of them by a rename as editors do. */
export async function measureWatch(folder: string, tool: Tool): Promise<void> {
  const project = join(folder, 'watched')
  for (let index = 0; index < 10_000; index += 1) {
    const place = join(project, 'src', `d${index % 100}`)
    if (index < 100) mkdirSync(place, { recursive: true })
    writeFileSync(join(place, `f${index}`), String(index))
  }
  writeFileSync(join(project, 'compose.yaml'), COMPOSE)
  buildBusybox(tool, folder)
  time(tool.run(project, 'up', '-d'))
  const { command, env } = tool.run(project, 'watch', '--no-up')
  const [file = '', ...args] = command
  const watching = spawn(file, args, { cwd: project, env, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    await new Promise<void>(resolve => watching.stdout.on('data', text => /enabled/.test(text) && resolve()))
    const root = `/proc/${await pidOf(env)}/root/app/d7`
    // What the container lacks of the tree comes first.
    await edited(join(project, 'src/d7'), root, 'begin', false)
    await setTimeout(1_000)
    const taken: number[] = []
    for (let edit = 0; edit < EDITS; edit += 1) {
      taken.push(await edited(join(project, 'src/d7'), root, `edit ${edit}`, edit % 2 === 0))
      await setTimeout(40)
    }
    taken.sort((a, b) => a - b)
    const at = (share: number): string => (taken[Math.floor(share * (EDITS - 1))] ?? Number.NaN).toFixed(1)
    const verdict = Number(at(0.99)) <= PROMISED ? 'met' : 'MISSED'
    console.log(
      `watch, edit to visible (ms), ${EDITS} edits: p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)} (≤${PROMISED} ${verdict})`,
    )
  } finally {
    watching.kill('SIGINT')
    time(tool.run(project, 'down', '-t', '0'))
  }
}

async function pidOf(env: NodeJS.ProcessEnv): Promise<number> {
  const docker = new Docker({ socketPath: join(env['TSCOMPOSE_RUN'] ?? '', 'engine.sock') })
  const { State } = await docker.getContainer('watched-a-1').inspect()
  return State.Pid
}

/** Milliseconds until the text is in the container; editors write beside, and rename. */
async function edited(source: string, target: string, text: string, byRename: boolean): Promise<number> {
  const begin = performance.now()
  writeFileSync(join(source, byRename ? '.f7.swp' : 'f7'), text)
  if (byRename) renameSync(join(source, '.f7.swp'), join(source, 'f7'))
  while (textOf(join(target, 'f7')) !== text && performance.now() - begin < LOST) await setTimeout(1)
  return performance.now() - begin
}

/** Not there for an instant while it is replaced. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return ''
    throw error
  }
}
