import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { type Bench, toolsOf } from './bench.ts'
import { type Subject, time } from './measure.ts'
import { buildBusybox } from './prepare.ts'
import { rowsOf, Taken, takenBy } from './taken.ts'

/** Containers that are there, and calls of each kind. */
const CONTAINERS = 100
const CALLS = 1000
const MEGABYTES = 100

/** Figure → the ratio to Docker that we promise. Those without `docker` in front are calls of the API on one connection. */
const TARGETS = {
  [`${CALLS} × GET /containers/json`]: 1,
  [`${CALLS} × GET /containers/ID/json`]: 1,
  'docker exec true': 0.5,
  'docker run --rm true': 0.5,
  [`docker run, ${MEGABYTES} MB of output`]: 1,
  [`docker cp ${MEGABYTES} MB in`]: 1,
  [`docker cp ${MEGABYTES} MB out`]: 1,
} as const

/** Each engine by the same client: the stock docker CLI, and plain HTTP. */
export async function measureApi(bench: Bench): Promise<void> {
  const { folder, runs, report } = bench
  const many = join(folder, 'many')
  mkdirSync(many, { recursive: true })
  const service = `{image: bench-busybox, command: sleep 100000, init: true, scale: ${CONTAINERS}}`
  writeFileSync(join(many, 'compose.yaml'), `name: many\nservices:\n  s: ${service}\n`)
  writeFileSync(join(folder, 'large'), Buffer.alloc(MEGABYTES << 20, 'x'))
  const tools = toolsOf(bench)
  const taken = tools.map(() => new Taken())
  try {
    for (const tool of tools) {
      buildBusybox(tool, folder)
      // What a bench that was killed has left has other numbers than these.
      time(tool.run(many, 'down', '-t', '0'))
      time(tool.run(many, 'up', '-d'))
    }
    // Interleaved, so that a slow minute of the machine hits both; the first pass is warming up.
    for (let run = 0; run <= runs; run += 1)
      for (const [at, { socket }] of tools.entries()) await pass(folder, socket, takenBy(taken, at, run))
  } finally {
    for (const tool of tools) time(tool.run(many, 'down', '-t', '0'))
  }
  report.print(runs, rowsOf(TARGETS, taken))
}

async function pass(folder: string, socketPath: string, into: Taken): Promise<void> {
  const add = (figure: keyof typeof TARGETS, seconds: number): void => into.add(figure, seconds)
  const by = (...args: readonly string[]): Subject => ({
    command: ['docker', '-H', `unix://${socketPath}`, ...args],
    cwd: folder,
    env: process.env,
  })
  const large = join(folder, 'large')
  const back = join(folder, 'back')
  add(`${CALLS} × GET /containers/json`, await callAgain(socketPath, '/containers/json'))
  add(`${CALLS} × GET /containers/ID/json`, await callAgain(socketPath, '/containers/many-s-7/json'))
  add('docker exec true', time(by('exec', 'many-s-1', 'true')))
  add('docker run --rm true', time(by('run', '--rm', 'bench-busybox', 'true')))
  const output = `docker -H unix://${socketPath} run --rm bench-busybox head -c ${MEGABYTES << 20} /dev/zero >/dev/null`
  add(
    `docker run, ${MEGABYTES} MB of output`,
    time({ command: ['sh', '-c', output], cwd: folder, env: process.env }),
  )
  add(`docker cp ${MEGABYTES} MB in`, time(by('cp', large, 'many-s-1:/large')))
  add(`docker cp ${MEGABYTES} MB out`, time(by('cp', 'many-s-1:/large', back)))
  rmSync(back)
}

/** Seconds that the same call takes, many times one after the other. */
async function callAgain(socketPath: string, path: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const begin = process.hrtime.bigint()
  for (let call = 0; call < CALLS; call += 1) await once(socketPath, path, agent)
  agent.destroy()
  return Number(process.hrtime.bigint() - begin) / 1e9
}

function once(socketPath: string, path: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path, agent }, answer => {
      if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`))
      answer.resume().on('end', resolve)
    }).on('error', reject)
  })
}
