import type {
  ServiceResources,
  ServiceSpec,
  ServiceUpdateConfig,
  TaskSpec,
} from '../../../api/types/index.ts'
import { bytesOf, type Deploy, type Service } from '../../../model/index.ts'
import { compact, nanoseconds, nonEmpty, type Subject } from './context.ts'

type Terms = NonNullable<ServiceSpec['Mode']>

/** How many tasks there are, and whether they are to end. */
export function modeOf({ context, service, path }: Subject): Terms {
  const { mode = 'replicated', replicas } = service.deploy ?? {}
  const count = service.scale ?? replicas
  const isGlobal = mode === 'global' || mode === 'global-job'
  if (isGlobal && count !== undefined)
    context.findings.error(
      'SWARM_MODE',
      [...path, 'deploy', 'replicas'],
      `a service of the mode "${mode}" has a task on each node, and no number of replicas`,
    )
  if (mode.endsWith('-job')) tellJob(context, service, path)
  switch (mode) {
    case 'global':
      return { Global: {} }
    case 'global-job':
      return { GlobalJob: {} }
    case 'replicated-job':
      return {
        ReplicatedJob: count === undefined ? {} : { MaxConcurrent: count, TotalCompletions: count },
      }
    default:
      // Another word than this has been refused.
      return { Replicated: count === undefined ? {} : { Replicas: count } }
  }
}

/** What a manager refuses of a service that is to end. */
function tellJob({ findings }: Subject['context'], service: Service, path: Subject['path']): void {
  const { deploy = {} } = service
  for (const attribute of ['update_config', 'rollback_config'] as const)
    if (deploy[attribute] !== undefined)
      findings.error('SWARM_MODE', [...path, 'deploy', attribute], `a job has no ${attribute}`)
  if (restartOf(service)?.Condition === 'any')
    findings.error(
      'SWARM_MODE',
      [...path, deploy.restart_policy === undefined ? 'restart' : 'deploy'],
      'a job that is started again whatever it ends with has no end',
    )
}

/** Limits and reservations; those of the service itself where `deploy` has none. */
export function resourcesOf(service: Service): TaskSpec['Resources'] {
  const { limits, reservations } = service.deploy?.resources ?? {}
  const upper = amounts(
    limits?.cpus ?? service.cpus,
    limits?.memory ?? service.mem_limit,
    limits?.pids ?? positive(service.pids_limit),
  )
  const lower = compact<ServiceResources>({
    ...amounts(reservations?.cpus, reservations?.memory ?? service.mem_reservation, undefined),
    GenericResources: nonEmpty(
      (reservations?.generic_resources ?? []).flatMap(({ discrete_resource_spec: of }) =>
        of === undefined ? [] : [{ DiscreteResourceSpec: { Kind: of.kind, Value: of.value } }],
      ),
    ),
  })
  const all = compact<NonNullable<TaskSpec['Resources']>>({
    Limits: given(upper),
    Reservations: given(lower),
  })
  return given(all)
}

function amounts(
  cpus: number | undefined,
  memory: string | undefined,
  pids: number | undefined,
): ServiceResources {
  return compact({
    NanoCPUs: cpus === undefined ? undefined : Math.round(cpus * 1e9),
    MemoryBytes: memory === undefined ? undefined : bytesOf(memory),
    Pids: pids,
  })
}

function positive(number: number | undefined): number | undefined {
  return number !== undefined && number > 0 ? number : undefined
}

function given<T extends object>(values: T): T | undefined {
  return Object.keys(values).length === 0 ? undefined : values
}

const CONDITIONS: Readonly<Record<string, string>> = {
  no: 'none',
  always: 'any',
  'unless-stopped': 'any',
  'on-failure': 'on-failure',
}

/** `deploy.restart_policy`, or what the short form says of it. */
export function restartOf({ restart, deploy }: Service): TaskSpec['RestartPolicy'] {
  const policy = deploy?.restart_policy
  if (policy !== undefined)
    return compact({
      Condition: policy.condition,
      Delay: nanoseconds(policy.delay),
      MaxAttempts: policy.max_attempts,
      Window: nanoseconds(policy.window),
    })
  if (restart === undefined) return undefined
  const [name = '', attempts] = restart.split(':')
  return compact({
    Condition: CONDITIONS[name],
    MaxAttempts: attempts === undefined ? undefined : Number(attempts),
  })
}

/** Where tasks may run, and how they are spread. */
export function placementOf({ deploy, platform }: Service): NonNullable<TaskSpec['Placement']> {
  const { constraints, preferences = [], max_replicas_per_node: most } = deploy?.placement ?? {}
  const [os, architecture] = platform?.split('/') ?? []
  return compact({
    Constraints: nonEmpty(constraints),
    Preferences: nonEmpty(preferences.map(({ spread = '' }) => ({ Spread: { SpreadDescriptor: spread } }))),
    MaxReplicas: most === 0 ? undefined : most,
    Platforms: os === undefined ? undefined : [compact({ Architecture: architecture, OS: os })],
  })
}

/** How tasks are replaced, one at a time unless the file says otherwise. */
export function updateOf(config: Deploy['update_config']): ServiceUpdateConfig | undefined {
  if (config === undefined) return undefined
  return compact<ServiceUpdateConfig>({
    Parallelism: config.parallelism ?? 1,
    Delay: nanoseconds(config.delay),
    FailureAction: config.failure_action,
    Monitor: nanoseconds(config.monitor),
    MaxFailureRatio: config.max_failure_ratio,
    Order: config.order,
  })
}
