import { setTimeout as sleep } from 'node:timers/promises'
import type { ContainerStats, LabelledStats } from '../api/types/index.ts'
import type { Docker } from '../client/index.ts'
import { Failure } from '../diagnostics/index.ts'
import { checkServices, compareNames } from './containers.ts'
import { connectEngine, connectRunningEngine } from './engine.ts'
import { Interrupted } from './failures.ts'
import { resolveProject, serviceNames } from './project-name.ts'
import { type Environment, environmentOf, type Target } from './target.ts'
import { type ContainerUsage, usageOf } from './usage.ts'

export interface StatsRequest {
  readonly services?: readonly string[]
  /** Containers that do not run, too. */
  readonly all?: boolean
  /** One look, and the loop ends. */
  readonly once?: boolean
  readonly signal?: AbortSignal
}

/** Milliseconds between two samples. */
const PERIOD = 1000

/**
 * What the containers of a project use, once a second, sorted by name: those that start are there at the next look, those that end are
 * not. It goes on over engines that die; to leave the loop ends it. Errors: NO_SUCH_SERVICE; Interrupted when the signal aborts.
 */
export async function* stats(
  target: Target,
  { services = [], all = false, once = false, signal }: StatsRequest = {},
): AsyncGenerator<readonly ContainerUsage[], void, undefined> {
  const { name, project } = await resolveProject(target, { needsModel: services.length > 0 })
  if (project) checkServices(serviceNames(project), services)
  const sampler = new Sampler(environmentOf(target), name, all)
  try {
    let before = await sampler.take(services)
    // Where nothing runs a second look would say no more.
    if (once && !before.some(isRunning)) return void (yield usages(before, []))
    for (;;) {
      await pause(signal)
      const now = await sampler.take(services)
      yield usages(now, before)
      if (once) return
      before = now
    }
  } finally {
    sampler.close()
  }
}

const SERVICE = 'com.docker.compose.service'
const serviceOf = ({ labels }: LabelledStats): string => labels[SERVICE] ?? ''
const isRunning = ({ stats: { cpu_stats } }: LabelledStats): boolean =>
  cpu_stats.system_cpu_usage !== undefined

async function pause(signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(PERIOD, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    if (signal?.aborted) throw new Interrupted()
    throw error
  }
}

function usages(now: readonly LabelledStats[], before: readonly LabelledStats[]): ContainerUsage[] {
  const earlier = new Map(before.map(({ stats }) => [stats.id, stats]))
  return now
    .map(sample => usageOf(sample.stats, earlier.get(sample.stats.id), serviceOf(sample)))
    .sort((a, b) => compareNames(a.name, b.name))
}

/** Samples a project's containers, over one connection for as long as its engine lives. */
class Sampler {
  readonly #env: Environment
  readonly #project: string
  readonly #all: boolean
  #docker: Docker | undefined

  constructor(env: Environment, project: string, all: boolean) {
    this.#env = env
    this.#project = project
    this.#all = all
  }

  async take(services: readonly string[]): Promise<readonly LabelledStats[]> {
    const found = await this.#sample()
    return services.length === 0 ? found : found.filter(sample => services.includes(serviceOf(sample)))
  }

  close(): void {
    this.#docker?.modem.destroy()
    this.#docker = undefined
  }

  async #sample(): Promise<readonly LabelledStats[]> {
    // What does not run is known to an engine alone; for what runs there need not be one.
    this.#docker ??= await (this.#all ? connectEngine(this.#env) : connectRunningEngine(this.#env))
    if (this.#docker === undefined) return []
    try {
      return await sampleAll(this.#docker, this.#project, this.#all)
    } catch (error) {
      if (!(error instanceof Failure && error.kind === 'unavailable')) throw error
      // It has ended, or was killed: whatever runs has a next one.
      this.close()
      this.#docker = await connectEngine(this.#env)
      return sampleAll(this.#docker, this.#project, this.#all)
    }
  }
}

async function sampleAll(docker: Docker, project: string, all: boolean): Promise<readonly LabelledStats[]> {
  const filters = { label: [`com.docker.compose.project=${project}`] }
  try {
    return await docker.statsOfAll({ all, filters })
  } catch (error) {
    if (!(error instanceof Failure && error.kind === 'notFound')) throw error
  }
  // A Docker Engine: one call a container.
  const containers = await docker.listContainers({ all, filters })
  const samples = await Promise.all(
    containers.map(async ({ Id, Names, Labels }) => {
      const sample = await sampleOne(docker, Id)
      // Of one look alone a Docker Engine leaves out whose it is.
      const name = Names[0] ?? Id
      return sample === undefined ? [] : [{ labels: Labels, stats: { ...sample, id: Id, name } }]
    }),
  )
  return samples.flat()
}

/** Undefined of what has gone since it was listed. */
async function sampleOne(docker: Docker, id: string): Promise<ContainerStats | undefined> {
  try {
    return await docker.getContainer(id).stats({ stream: false, 'one-shot': true })
  } catch (error) {
    if (error instanceof Failure && (error.kind === 'notFound' || error.kind === 'conflict')) return undefined
    throw error
  }
}
