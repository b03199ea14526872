import { readFileSync, statSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceInspect } from '../../api/types/index.ts'
import type { Docker } from '../../client/index.ts'
import type { ObservedStack, Stack, SwarmPlan } from '../../deploy/swarm/index.ts'
import { serviceKey } from '../../deploy/swarm/operations/task-words.ts'
import type { Diagnostic } from '../../diagnostics/index.ts'
import type {
  Cluster,
  ClusterPlace,
  DeployedLogsRequest,
  DeployedRequest,
  DeployPlan,
  DeployRequest,
  DeployWork,
} from '../cluster/cluster.ts'
import { checkServices } from '../containers.ts'
import { lettingGo } from '../engine.ts'
import { Interrupted, ProjectFailure } from '../failures.ts'
import type { LogSink } from '../logs/log-sink.ts'
import { openModel } from '../model.ts'
import { resolveProject } from '../project-name.ts'
import type { ProjectContainer } from '../ps.ts'
import { environmentOf, type Target } from '../target.ts'
import { followSwarm, makeKey } from './follow.ts'
import { pushBuilt, resolveImages } from './images.ts'
import { readStackLogs } from './logs.ts'
import { asManager, knowsStartInterval, managerOf } from './manager.ts'
import { taskContainer } from './tasks.ts'

type Swarm = typeof import('../../deploy/swarm/index.ts')

/** Times that a deploy is planned anew because another one was at work, and milliseconds by which each waits longer, but for the first. */
const TRIES = 10
const PAUSE = 300

/** The project of a target on a swarm, by one of its managers. Errors: DOCKER_CONTEXT, DOCKER_HOST_INVALID. */
export async function openSwarm(target: Target, place: Omit<ClusterPlace, 'to'>): Promise<Cluster> {
  const swarm = await import('../../deploy/swarm/index.ts')
  return new SwarmCluster(target, swarm, () => managerOf(place, environmentOf(target)))
}

interface Planned {
  readonly plan: SwarmPlan
  readonly problems: readonly Diagnostic[]
  readonly observed: ObservedStack
}

class SwarmCluster implements Cluster {
  readonly #target: Target
  readonly #swarm: Swarm
  readonly #connect: () => Docker

  constructor(target: Target, swarm: Swarm, connect: () => Docker) {
    this.#target = target
    this.#swarm = swarm
    this.#connect = connect
  }

  plan(request: DeployRequest): Promise<DeployPlan> {
    return this.#connected(async docker => {
      const { plan, problems } = await this.#planDeploy(docker, request, { dryRun: true })
      return { ...plan, problems }
    })
  }

  deploy(request: DeployRequest, work: DeployWork): Promise<DeployPlan> {
    return this.#change(work, docker =>
      request.scale === undefined
        ? this.#planDeploy(docker, request, work)
        : this.#planScale(docker, request.scale),
    )
  }

  rollback(work: DeployWork): Promise<DeployPlan> {
    return this.#change(work, async docker => {
      const observed = await this.#observe(docker)
      return { plan: this.#swarm.planRollback(observed), problems: [], observed }
    })
  }

  down({ volumes = false }: { readonly volumes?: boolean }, work: DeployWork): Promise<DeployPlan> {
    if (volumes)
      work.onWarning?.([
        {
          severity: 'warning',
          code: 'SWARM_VOLUMES',
          summary: 'volumes are on the nodes where tasks were, and stay: a manager does not reach them',
          hint: 'docker volume rm on each node',
        },
      ])
    return this.#change(work, async docker => {
      const observed = await this.#observe(docker)
      return { plan: this.#swarm.planDown(observed), problems: [], observed }
    })
  }

  ps({ services = [], all = false }: DeployedRequest): Promise<readonly ProjectContainer[]> {
    return this.#connected(async docker => {
      const name = await this.#name()
      const label = [`${this.#swarm.STACK_LABEL}=${name}`]
      const [known, tasks, nodes] = await Promise.all([
        docker.listServices({ filters: { label } }),
        docker.listTasks({ filters: { label } }),
        docker.listNodes({}),
      ])
      checkServices(
        known.map(({ Spec }) => serviceKey(name, Spec.Name ?? '')),
        services,
      )
      const byId = new Map(known.map(service => [service.ID, service]))
      const nodesById = new Map(nodes.map(node => [node.ID, node]))
      return tasks
        .flatMap(task => {
          const service = byId.get(task.ServiceID)
          const isLive = task.DesiredState === 'running' || task.DesiredState === 'ready'
          if (service === undefined || !(all || isLive)) return []
          return [taskContainer(task, service, name, nodesById, Date.now())]
        })
        .filter(({ service }) => services.length === 0 || services.includes(service))
        .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : b.created - a.created))
    })
  }

  logs(request: DeployedLogsRequest, sink: LogSink, signal?: AbortSignal): Promise<void> {
    const { services = [] } = request
    return this.#connected(async docker => {
      const stack = await this.#name()
      const label = [`${this.#swarm.STACK_LABEL}=${stack}`]
      const keyOf = ({ Spec }: ServiceInspect): string => serviceKey(stack, Spec.Name ?? '')
      const there = await docker.listServices({ filters: { label } })
      checkServices(there.map(keyOf), services)
      const list = async (): Promise<readonly ServiceInspect[]> =>
        (await docker.listServices({ filters: { label } })).filter(
          each => services.length === 0 || services.includes(keyOf(each)),
        )
      await readStackLogs({ docker, stack, list }, request, sink, signal)
    })
  }

  async #name(): Promise<string> {
    return (await resolveProject(this.#target)).name
  }

  async #observe(docker: Docker): Promise<ObservedStack> {
    return this.#swarm.observeStack(docker, await this.#name())
  }

  /** What is to be done, with images pushed, unless it is only planned. */
  async #planDeploy(docker: Docker, request: DeployRequest, work: DeployWork): Promise<Planned> {
    const { services = [], prune = false, resolveImage = 'always', strict = false } = request
    const project = await openModel(this.#target, services.length === 0 ? {} : { services })
    const stack = this.#swarm.convert(project, readFile, await knowsStartInterval(project, docker))
    const observed = await this.#swarm.observeStack(docker, stack.name, stack.files)
    const isDry = work.dryRun === true
    const isProblem = ({ severity }: Diagnostic): boolean => severity === 'error' || strict
    if (!isDry && !stack.findings.some(isProblem)) await pushBuilt(this.#target, stack, request, work)
    const isToPush = isDry && request.push !== false
    const { images, findings } = await resolveImages(docker, stack, observed, resolveImage, isToPush)
    const proven = isDry ? new Map<string, boolean>() : await this.#prove(docker, stack, observed)
    const { plan, problems } = this.#swarm.planDeploy(stack, observed, {
      prune: prune && services.length === 0,
      images,
      proven,
    })
    const all = [...stack.findings, ...findings, ...problems, ...plan.warnings]
    return {
      plan: { ...plan, warnings: all.filter(each => !isProblem(each)) },
      problems: all.filter(isProblem).map(each => ({ ...each, severity: 'error' as const })),
      observed,
    }
  }

  #prove(docker: Docker, stack: Stack, observed: ObservedStack): Promise<ReadonlyMap<string, boolean>> {
    if (stack.findings.some(({ severity }) => severity === 'error')) return Promise.resolve(new Map())
    return this.#swarm.proveSecrets(docker, stack, observed, makeKey)
  }

  async #planScale(docker: Docker, scale: ReadonlyMap<string, number>): Promise<Planned> {
    const observed = await this.#observe(docker)
    const known = observed.services.map(({ Spec }) => serviceKey(observed.name, Spec.Name ?? ''))
    checkServices(known, [...scale.keys()])
    const byName = new Map(
      [...scale].map(([key, count]) => [this.#swarm.scopedName(observed.name, key), count]),
    )
    return { ...this.#swarm.planScale(observed, byName), observed }
  }

  /** Plans and does it, again where somebody else did something of it meanwhile. */
  #change(work: DeployWork, makePlan: (docker: Docker) => Promise<Planned>): Promise<DeployPlan> {
    return this.#connected(async docker => {
      for (let attempt = 1; ; attempt++) {
        const planned = await makePlan(docker)
        const plan: DeployPlan = { ...planned.plan, problems: planned.problems }
        if (attempt === 1) await tell(plan, work)
        if (plan.problems.length > 0) throw new ProjectFailure(plan.problems)
        if (work.dryRun === true) return plan
        const failures = await followSwarm(docker, planned, work)
        if (failures.length === 0) return plan
        const isOvertaken = failures.every(({ code }) => code === 'SWARM_CHANGED')
        if (!isOvertaken || attempt === TRIES)
          throw new ProjectFailure(once(failures.flatMap(each => each.diagnostics)))
        // What others have just removed may be listed for a while.
        await delay(PAUSE * (attempt - 1), undefined, { signal: work.signal }).catch(() => undefined)
        if (work.signal?.aborted === true) throw new Interrupted()
      }
    })
  }

  #connected<T>(work: (docker: Docker) => Promise<T>): Promise<T> {
    const docker = this.#connect()
    return asManager(lettingGo(docker, 'always', () => work(docker)))
  }
}

async function tell(plan: DeployPlan, { onWarning, onPlan }: DeployWork): Promise<void> {
  if (plan.warnings.length > 0) onWarning?.(plan.warnings)
  await onPlan?.(
    plan,
    plan.operations.map(({ resource }) => resource),
  )
}

/** What all of many calls fail with, as a connection that broke off, is told once. */
function once(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...new Map(diagnostics.map(each => [`${each.code} ${each.summary}`, each])).values()]
}

/** More than a swarm takes of one, so that its size is told. */
const MOST_BYTES = 2_000_000

function readFile(path: string): Uint8Array | undefined {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined || !stats.isFile()) return undefined
  return stats.size > MOST_BYTES ? new Uint8Array(MOST_BYTES) : readFileSync(path)
}
