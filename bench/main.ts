// `npm run bench`: prints every figure that we claim, ours and Docker's side by side in one run, and keeps them as JSON. `npm run bench PART`
// measures one part alone (PARTS below), `npm run bench -- --compare FILE` prints an earlier report's figures beside the new ones.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureApi } from './api.ts'
import { measureCommands } from './commands.ts'
import { measureFootprint } from './footprint.ts'
import { measureImages } from './images.ts'
import { measureLamp } from './lamp.ts'
import { measureLoader } from './loader.ts'
import { measureLogs } from './logs.ts'
import { describeMachine } from './machine.ts'
import { measureNetworks } from './networks.ts'
import { buildBusybox, buildImages, writeWorkloads } from './prepare.ts'
import { Report } from './report.ts'
import { measureServices } from './services.ts'
import { dockerCompose, type Tool, tscompose } from './subjects.ts'
import { measureTransfers } from './transfers.ts'
import { measureWatch } from './watch.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
/** Images are kept here between runs: building them takes minutes. */
const STATE = process.env['BENCH_STATE'] ?? '/var/tmp/tscompose-bench'

/** What every part is given. */
interface Bench {
  readonly folder: string
  readonly mine: Tool
  readonly docker: Tool | undefined
  readonly report: Report
}

/** In the order in which they are measured. */
const PARTS: Readonly<Record<string, (bench: Bench) => void | Promise<void>>> = {
  // Reading files alone, which needs neither images nor an engine.
  loader: ({ folder, mine, docker, report }) => measureLoader(folder, mine, docker, RUNS, report),
  // Up, nothing to do, ps, exec, restart and down by the number of services, with the kernel alone.
  services: ({ folder, docker, report }) => measureServices(folder, STATE, docker, RUNS, report),
  // The LAMP example, whole.
  engine: ({ folder, mine, docker, report }) => measureLamp(folder, STATE, mine, docker, RUNS, report),
  // Quick commands.
  commands: ({ folder, mine, docker, report }) => measureCommands(folder, mine, docker, RUNS, report),
  logs: ({ folder, mine, docker, report }) => measureLogs(folder, STATE, mine, docker, RUNS, report),
  // What other clients of the API wait for.
  api: ({ folder, mine, docker, report }) => measureApi(folder, STATE, mine, docker, RUNS, report),
  // What goes through networks and published ports, and names.
  networks: ({ folder, mine, docker, report }) => measureNetworks(folder, STATE, mine, docker, RUNS, report),
  watch: ({ folder, mine }) => measureWatch(folder, mine),
  // What a container with limits costs beside itself.
  memory: async ({ folder, mine }) => {
    buildBusybox(mine, folder)
    await measureFootprint(folder, mine)
  },
  // Building images and moving them.
  images: async bench => {
    const { folder, mine, docker, report } = bench
    const workloads = writeWorkloads(folder)
    for (const tool of docker ? [mine, docker] : [mine]) buildImages(tool, STATE, folder, workloads)
    measureImages(folder, mine, docker, RUNS, report)
    await measureTransfers(folder, STATE, mine, docker, RUNS, report)
  },
}

/** Parts of parts, which are measured with them. */
const FURTHER: typeof PARTS = {
  transfers: async ({ folder, mine, docker, report }) => {
    for (const tool of docker ? [mine, docker] : [mine]) buildBusybox(tool, folder)
    await measureTransfers(folder, STATE, mine, docker, RUNS, report)
  },
}

const { values, positionals } = parseArgs({
  options: { compare: { type: 'string' } },
  allowPositionals: true,
})
const named = positionals.map(name => PARTS[name] ?? FURTHER[name])
if (named.includes(undefined)) throw new Error(`one of ${Object.keys({ ...PARTS, ...FURTHER }).join(', ')}`)

mkdirSync(STATE, { recursive: true })
const folder = mkdtempSync(join(tmpdir(), 'tscompose-bench-'))
try {
  const machine = describeMachine(STATE)
  console.log(`${machine}\n`)
  const bench: Bench = {
    folder,
    mine: tscompose(STATE),
    docker: dockerCompose(),
    report: new Report(machine, values.compare),
  }
  cpSync('examples/lamp', join(folder, 'lamp'), { recursive: true })
  writeWorkloads(folder)
  for (const measure of named.length > 0 ? named : Object.values(PARTS)) await measure?.(bench)
  bench.report.keep(join(STATE, 'reports'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
