// `npm run bench`: prints every figure that we claim, ours and Docker's side by side in one run, and keeps them as JSON. `npm run bench PART`
// measures one part alone (PARTS below), `npm run bench -- --compare FILE` prints an earlier report's figures beside the new ones.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { measureAlone } from './alone.ts'
import { measureApi } from './api.ts'
import { type Bench, toolsOf } from './bench.ts'
import { measureCommands } from './commands.ts'
import { measureDrift } from './drift.ts'
import { measureFootprint } from './footprint.ts'
import { measureImages } from './images.ts'
import { measureKubernetes } from './kubernetes.ts'
import { measureLamp } from './lamp.ts'
import { measureLoader } from './loader.ts'
import { measureLogs } from './logs.ts'
import { describeMachine } from './machine.ts'
import { measureNetworks } from './networks.ts'
import { buildBusybox, buildImages, writeWorkloads } from './prepare.ts'
import { Report } from './report.ts'
import { measureServices } from './services.ts'
import { dockerCompose, tscompose } from './subjects.ts'
import { measureSwarm } from './swarm.ts'
import { measureTransfers } from './transfers.ts'
import { measureUserNamespace } from './user-namespace.ts'
import { measureWatch } from './watch.ts'

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5)
/** Images are kept here between runs: building them takes minutes. */
const STATE = process.env['BENCH_STATE'] ?? '/var/tmp/tscompose-bench'

/** In the order in which they are measured. */
const PARTS: Readonly<Record<string, (bench: Bench) => void | Promise<void>>> = {
  // Reading files alone, which needs neither images nor an engine.
  loader: measureLoader,
  // Up, nothing to do, ps, exec, restart and down by the number of services, with the kernel alone.
  services: measureServices,
  // The LAMP example, whole.
  engine: measureLamp,
  // Quick commands.
  commands: measureCommands,
  // What is ours alone: data that is kept and put back, limits that change in what runs.
  alone: measureAlone,
  // What it costs that plans look at the kernel.
  drift: async bench => {
    buildImages(bench.ours, bench)
    await measureDrift(bench)
  },
  logs: measureLogs,
  // What other clients of the API wait for.
  api: measureApi,
  // What goes through networks and published ports, and names.
  networks: measureNetworks,
  watch: ({ folder, ours }) => measureWatch(folder, ours),
  // What a container with limits costs beside itself.
  memory: async ({ folder, ours }) => {
    buildBusybox(ours, folder)
    await measureFootprint(folder, ours)
  },
  // Building images and moving them.
  images: async bench => {
    for (const tool of toolsOf(bench)) buildImages(tool, bench)
    measureImages(bench)
    await measureTransfers(bench)
  },
}

/** Parts of parts, which are measured with them. */
const FURTHER: typeof PARTS = {
  // What the user namespace costs, by pairs: takes ten minutes, and says something on a quiet machine alone.
  users: measureUserNamespace,
  // What a deploy asks of an API server, by the number of services: needs neither images nor an engine.
  kubernetes: ({ folder }) => measureKubernetes(folder),
  // The same of a manager of a Swarm.
  swarm: ({ folder }) => measureSwarm(folder),
  transfers: async bench => {
    for (const tool of toolsOf(bench)) buildBusybox(tool, bench.folder)
    await measureTransfers(bench)
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
    state: STATE,
    workloads: writeWorkloads(folder),
    ours: tscompose(STATE),
    docker: dockerCompose(),
    runs: RUNS,
    report: new Report(machine, values.compare),
  }
  for (const measure of named.length > 0 ? named : Object.values(PARTS)) await measure?.(bench)
  bench.report.keep(join(STATE, 'reports'))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
