import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Bench, toolsOf } from './bench.ts'
import { time } from './measure.ts'
import { buildBusybox } from './prepare.ts'
import type { Tool } from './subjects.ts'
import { rowsOf, Taken } from './taken.ts'

/** Each row is what so much takes: less is better, and a ratio to Docker of 0.77 is 1.3 times as quick. */
const SECONDS = 3
const CONNECTIONS = 5_000
const OTHERS = 200
const OTHER_NAMES = Array.from({ length: OTHERS }, (_, index) => `s${index}`)

/** Figure → the ratio to Docker that we promise. */
const TARGETS = {
  '10 Gbit, container to container': 1,
  '10 Gbit, published, 127.0.0.1': 0.77,
  '10 Gbit, published, 127.0.0.1, back': 0.77,
  '10 Gbit, published, own address': 1,
  [`${CONNECTIONS} connections, 127.0.0.1`]: 0.5,
  [`${CONNECTIONS} connections, own address`]: 1,
  '10,000 names': 0.33,
  [`10,000 names of ${OTHERS} services`]: 0.4,
  // Of the latter, within which 99 in 100 are answered; in ms.
  'name, 99th percentile (ms)': undefined,
} as const

type Figure = keyof typeof TARGETS
const PROGRAMS = ['iperf3', 'ab', 'dnsperf', 'nsenter'] as const

/** A tool with its containers, and the servers that were put into their networks from here. */
interface Lab {
  readonly tool: Tool
  readonly folder: string
  /** Published for iperf3 and for HTTP. */
  readonly ports: readonly [number, number]
  readonly client: number
  readonly serving: readonly ChildProcess[]
  readonly taken: Taken
}

/** Answers each request with a word and closes, as many at once as there are. */
const HTTP = `require('net').createServer(socket => {
  socket.on('error', () => undefined).once('data', () => socket.end('HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok'))
}).listen({ port: 80, host: '0.0.0.0', backlog: 4096 })`

/** What goes through networks, by the same programs (iperf3, ab, dnsperf) for both tools: their servers are in containers' networks. */
export async function measureNetworks(bench: Bench): Promise<void> {
  const { folder, runs, report } = bench
  const missing = PROGRAMS.filter(name => spawnSync(name, ['--version']).error !== undefined)
  if (missing.length > 0) {
    console.log(`Networks are not measured: ${missing.join(', ')} not installed\n`)
    return
  }
  const labs: Lab[] = []
  try {
    for (const [at, tool] of toolsOf(bench).entries()) labs.push(await openLab(folder, tool, at))
    // Interleaved, so that a slow minute of the machine hits both; the first pass is warming up.
    for (let run = 0; run <= runs; run += 1) for (const lab of labs) await pass(lab, run > 0)
    for (const { tool, folder: place } of labs) time(tool.run(place, 'up', '-d'))
    for (let run = 0; run <= runs; run += 1) for (const lab of labs) askMany(lab, run > 0)
  } finally {
    for (const lab of labs) closeLab(lab)
  }
  report.print(
    runs,
    rowsOf(
      TARGETS,
      labs.map(({ taken }) => taken),
    ),
  )
}

async function openLab(folder: string, tool: Tool, at: number): Promise<Lab> {
  const place = join(folder, `net-${tool.name}`)
  mkdirSync(place, { recursive: true })
  const ports = [29_500 + 10 * at, 29_501 + 10 * at] as const
  const base = '{image: bench-busybox, command: sleep 100000, init: true'
  const others = OTHER_NAMES.map(name => `  ${name}: ${base}, networks: [many]}`)
  writeFileSync(
    join(place, 'compose.yaml'),
    `name: net-${tool.name}
services:
  server: ${base}, ports: ["${ports[0]}:5201", "${ports[1]}:80"]}
  client: ${base}, networks: [default, many]}
${others.join('\n')}
networks: {many: {}}
`,
  )
  buildBusybox(tool, folder)
  time(tool.run(place, 'up', '-d', 'server', 'client'))
  const [server, client] = await Promise.all(['server', 'client'].map(name => inspect(tool, name)))
  const inside = ['-t', String(server?.State.Pid), '-n']
  const serving = [
    spawn('nsenter', [...inside, 'iperf3', '-s'], { stdio: 'ignore' }),
    spawn('nsenter', [...inside, process.execPath, '-e', HTTP], { stdio: 'ignore' }),
  ]
  await sleep(1_000)
  return {
    tool,
    folder: place,
    ports,
    client: client?.State.Pid ?? 0,
    serving,
    taken: new Taken(),
  }
}

function closeLab({ tool, folder, serving }: Lab): void {
  for (const child of serving) child.kill('SIGKILL')
  time(tool.run(folder, 'down', '-t', '0'))
}

/** As much of a container's inspect as is looked at. */
interface Inspected {
  readonly State: { readonly Pid: number }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>> }
}

/** The container of a service of the tool's lab. */
async function inspect({ name, socket: socketPath }: Tool, service: string): Promise<Inspected> {
  const path = `/containers/net-${name}-${service}-1/json`
  const [response] = await once(get({ socketPath, path }), 'response')
  return JSON.parse(await text(response))
}

/** An address of this machine that is not loopback. */
function ownAddress(): string {
  const all = Object.entries(networkInterfaces()).filter(([name]) => !/^(docker|br-|tsc-)/.test(name))
  const own = all
    .flatMap(([, list = []]) => list)
    .find(({ family, internal }) => family === 'IPv4' && !internal)
  if (own === undefined) throw new Error('this machine has no address of its own')
  return own.address
}

type Add = (figure: Figure, value: number) => void

function adder({ taken }: Lab, counts: boolean): Add {
  return (figure, value) => {
    if (counts) taken.add(figure, value)
  }
}

async function pass(lab: Lab, counts: boolean): Promise<void> {
  const add = adder(lab, counts)
  const within = ['nsenter', '-t', String(lab.client), '-n']
  const own = ownAddress()
  const [bulk, web] = lab.ports
  add('10 Gbit, container to container', await transfer(within, await addressOf(lab), 5201))
  add('10 Gbit, published, 127.0.0.1', await transfer([], '127.0.0.1', bulk))
  add('10 Gbit, published, 127.0.0.1, back', await transfer([], '127.0.0.1', bulk, '-R'))
  add('10 Gbit, published, own address', await transfer([], own, bulk))
  add(`${CONNECTIONS} connections, 127.0.0.1`, connections('127.0.0.1', web))
  add(`${CONNECTIONS} connections, own address`, connections(own, web))
  add('10,000 names', names(lab, within, ['server', 'client']))
}

/** With all services up. */
function askMany(lab: Lab, counts: boolean): void {
  const within = ['nsenter', '-t', String(lab.client), '-n']
  const add = adder(lab, counts)
  add(`10,000 names of ${OTHERS} services`, names(lab, within, OTHER_NAMES))
  add('name, 99th percentile (ms)', slowest(lab, within, OTHER_NAMES))
}

async function addressOf({ tool }: Lab): Promise<string> {
  const { NetworkSettings } = await inspect(tool, 'server')
  return Object.values(NetworkSettings.Networks)[0]?.IPAddress ?? ''
}

/** Seconds that 10 Gbit take. */
async function transfer(
  prefix: readonly string[],
  host: string,
  port: number,
  ...more: string[]
): Promise<number> {
  const args = ['-c', host, '-p', String(port), '-t', String(SECONDS), '-J', ...more]
  const [file = '', ...rest] = [...prefix, 'iperf3', ...args]
  const { stdout } = spawnSync(file, rest, { encoding: 'utf8' })
  const { end } = JSON.parse(stdout) as { end: { sum_received: { bits_per_second: number } } }
  return 10e9 / end.sum_received.bits_per_second
}

function connections(host: string, port: number): number {
  const { stdout } = spawnSync(
    'ab',
    ['-q', '-c', '20', '-n', String(CONNECTIONS), `http://${host}:${port}/`],
    {
      encoding: 'utf8',
    },
  )
  return CONNECTIONS / Number(/Requests per second:\s+([\d.]+)/.exec(stdout)?.[1])
}

/** Seconds that 10,000 questions take, with as many on their way as the client has room for. */
function names(lab: Lab, within: readonly string[], list: readonly string[]): number {
  const out = askNames(lab, within, list)
  return 10_000 / Number(/Queries per second:\s+([\d.]+)/.exec(out)?.[1])
}

/** Milliseconds within which 99 of 100 questions are answered that come in no hurry. */
function slowest(lab: Lab, within: readonly string[], list: readonly string[]): number {
  const out = askNames(lab, within, list, '-v', '-Q', '2000')
  const taken = Array.from(out.matchAll(/^> \S+ \S+ \S+ ([\d.]+)/gm), ([, seconds]) => Number(seconds))
  return (taken.sort((a, b) => a - b)[Math.floor(taken.length * 0.99)] ?? Number.NaN) * 1000
}

function askNames(lab: Lab, within: readonly string[], list: readonly string[], ...more: string[]): string {
  const file = join(lab.folder, 'questions')
  writeFileSync(file, list.map(name => `${name} A\n`).join(''))
  const [nsenter = '', ...rest] = within
  const args = ['dnsperf', '-s', '127.0.0.11', '-d', file, '-l', String(SECONDS), '-c', '4', ...more]
  return spawnSync(nsenter, [...rest, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 }).stdout
}
