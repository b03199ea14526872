import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Docker } from '../src/client/index.ts'
import type { Bench } from './bench.ts'
import { median, time } from './measure.ts'
import { buildBusybox } from './prepare.ts'
import type { Row } from './table.ts'

const SERVICES = 100
const PROJECT = 'many'

/** What a service has that drifts: limits, a volume, a port, a bind, a tmpfs, rlimits; all of them on two networks. */
const service = (at: number): string => `  s${at}:
    image: bench-busybox
    command: [sleep, infinity]
    init: true
    mem_limit: 32m
    pids_limit: 50
    tmpfs: /scratch
    ulimits: {nofile: 1000}
    networks: [front, back]
    ports: ["127.0.0.1::80"]
    volumes: ["data${at}:/data", "./compose.yaml:/compose.yaml:ro"]
`

/**
 * What kernel truth costs: a plan of LAMP with nothing to do beside `ps`, and all that a hundred containers and their networks have in the kernel,
 * looked at by the engine in one call, beside the same call without. The images of LAMP must be there.
 */
export async function measureDrift({
  folder,
  workloads: { lamp },
  ours,
  runs,
  report,
}: Bench): Promise<void> {
  const many = join(folder, 'many')
  mkdirSync(many, { recursive: true })
  const all = Array.from({ length: SERVICES }, (_value, at) => at)
  const volumes = all.map(at => `data${at}: {}`).join(', ')
  writeFileSync(
    join(many, 'compose.yaml'),
    `name: ${PROJECT}\nservices:\n${all.map(service).join('')}networks: {front: {}, back: {internal: true}}\nvolumes: {${volumes}}\n`,
  )
  buildBusybox(ours, folder)
  const ps: number[] = []
  const plan: number[] = []
  const looks: Record<'with' | 'without' | 'more', number[]> = { with: [], without: [], more: [] }
  time(ours.run(lamp, 'up', '-d', '--wait'))
  time(ours.run(many, 'up', '-d'))
  const docker = new Docker({ socketPath: ours.socket })
  try {
    // Interleaved, so that a slow minute of the machine hits all; the first pass is warming up.
    for (let run = 0; run <= runs; run += 1) {
      const taken = [time(ours.run(lamp, 'ps')), time(ours.run(lamp, 'plan'))] as const
      const [without, wanted] = [await look(docker, false), await look(docker, true)]
      if (run === 0) continue
      ps.push(taken[0])
      plan.push(taken[1])
      looks.without.push(without)
      looks.with.push(wanted)
      looks.more.push(wanted - without)
    }
  } finally {
    docker.modem.destroy()
    for (const project of [many, lamp]) time(ours.run(project, 'down', '-v', '-t', '0'))
  }
  const row = (name: string, taken: readonly number[], most?: number): Row => ({
    name,
    target: undefined,
    ours: taken,
    theirs: undefined,
    ...(most === undefined ? {} : { most }),
  })
  report.print(runs, [
    row('ps of LAMP', ps),
    row('plan of LAMP, in vain: ≤ 1.3 × ps', plan, Number((1.3 * median(ps)).toFixed(3))),
    row(`${SERVICES} containers, records alone`, looks.without),
    row(`${SERVICES} containers, and the kernel`, looks.with),
    row('what looking at the kernel adds', looks.more, 0.06),
  ])
}

/** Seconds of one call that tells of all containers and networks of the project. */
async function look(docker: Docker, drift: boolean): Promise<number> {
  const begin = process.hrtime.bigint()
  const request = { Labels: [`com.docker.compose.project=${PROJECT}`], Networks: [], Volumes: [], Images: [] }
  const told = await docker.snapshot({ ...request, Drift: drift })
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9
  const { length } = 'Containers' in told ? told.Containers : []
  if (length !== SERVICES) throw new Error(`${length} containers of ${SERVICES}`)
  return seconds
}
