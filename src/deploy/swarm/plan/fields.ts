import type {
  Mount,
  ServiceFile,
  ServicePort,
  ServiceResources,
  ServiceSpec,
  ServiceUpdateConfig,
} from '../../../api/types/index.ts'
import { formatDuration } from '../../../notation/index.ts'
import type { Change } from '../../../planner/core/operation.ts'
import { HIDDEN } from '../../../planner/core/operation.ts'

/** What a service is, field by field in the words of the file, each value as JSON: what a manager fills in is not there. */
export type Fields = ReadonlyMap<string, string>

/** Of these a value may be a secret: they are told as changed, and not shown. */
const CLOSED = /^(?:environment|labels|deploy\.labels|command|entrypoint|healthcheck\.test|logging)(?:\.|$)/

/** What is otherwise in the second than in the first, in the order of the fields' names. */
export function changesBetween(from: Fields, to: Fields): Change[] {
  const paths = [...new Set([...from.keys(), ...to.keys()])].sort()
  return paths.flatMap(path => {
    const [before, after] = [from.get(path), to.get(path)]
    if (before === after) return []
    return [{ path, from: shown(path, before), to: shown(path, after) }]
  })
}

function shown(path: string, value: string | undefined): string | undefined {
  return value !== undefined && (CLOSED.test(path) || value.includes('"DriverConfig"')) ? HIDDEN : value
}

/** The fields of a service; networks by name. */
export function fieldsOf(wanted: ServiceSpec): Fields {
  const { TaskTemplate: task = {} } = wanted
  const fields = new FieldCollector()
  fields.add('deploy.mode', modeOf(wanted))
  fields.addEach('deploy.labels', wanted.Labels)
  fields.add('deploy.endpoint_mode', unless(wanted.EndpointSpec?.Mode, 'vip'))
  fields.addEach('ports', portsOf(wanted.EndpointSpec?.Ports))
  fields.addEach('deploy.update_config', updateOf(wanted.UpdateConfig))
  fields.addEach('deploy.rollback_config', updateOf(wanted.RollbackConfig))
  addContainer(fields, task.ContainerSpec)
  fields.addEach('deploy.resources.limits', amountsOf(task.Resources?.Limits))
  fields.addEach('deploy.resources.reservations', amountsOf(task.Resources?.Reservations))
  const { Condition, Delay, MaxAttempts, Window } = task.RestartPolicy ?? {}
  fields.add('deploy.restart_policy.condition', unless(Condition, 'any'))
  fields.add('deploy.restart_policy.delay', time(unless(Delay, 5e9)))
  fields.add('deploy.restart_policy.max_attempts', unless(MaxAttempts, 0))
  fields.add('deploy.restart_policy.window', time(unless(Window, 0)))
  const { Constraints, Preferences, MaxReplicas, Platforms } = task.Placement ?? {}
  fields.add('deploy.placement.constraints', sorted(Constraints))
  fields.add('deploy.placement.preferences', Preferences)
  fields.add('deploy.placement.max_replicas_per_node', unless(MaxReplicas, 0))
  fields.add('deploy.placement.platforms', sorted(Platforms?.map(each => JSON.stringify(each))))
  for (const { Target = '', Aliases = [], DriverOpts } of task.Networks ?? wanted.Networks ?? [])
    fields.add(`networks.${Target}`, { Aliases: sorted(Aliases) ?? [], DriverOpts: given(DriverOpts) })
  fields.add('logging', given(task.LogDriver))
  return fields.collect()
}

type Container = NonNullable<NonNullable<ServiceSpec['TaskTemplate']>['ContainerSpec']>

/** Words of the file for fields that are one value. */
const WORDS: readonly (readonly [keyof Container, string])[] = [
  ['Image', 'image'],
  ['Command', 'entrypoint'],
  ['Args', 'command'],
  ['Hostname', 'hostname'],
  ['Dir', 'working_dir'],
  ['User', 'user'],
  ['Groups', 'group_add'],
  ['TTY', 'tty'],
  ['OpenStdin', 'stdin_open'],
  ['ReadOnly', 'read_only'],
  ['StopSignal', 'stop_signal'],
  ['DNSConfig', 'dns'],
  ['CapabilityAdd', 'cap_add'],
  ['CapabilityDrop', 'cap_drop'],
  ['OomScoreAdj', 'oom_score_adj'],
  ['Privileges', 'privileges'],
]

function addContainer(fields: FieldCollector, container: Container = {}): void {
  for (const [name, word] of WORDS) fields.add(word, given(container[name]))
  fields.add('extra_hosts', sorted(container.Hosts))
  fields.add('isolation', unless(container.Isolation, 'default'))
  fields.add('stop_grace_period', time(unless(container.StopGracePeriod, 10e9)))
  // False is said, too: without a word the node decides.
  if (container.Init !== undefined && container.Init !== null) fields.keep('init', container.Init)
  fields.addEach('labels', container.Labels)
  for (const entry of container.Env ?? []) {
    const [name = '', value] = entry.split(/=(.*)/s)
    fields.keep(`environment.${name}`, value ?? null)
  }
  fields.addEach('sysctls', container.Sysctls)
  for (const { Name = '', Soft, Hard } of container.Ulimits ?? [])
    fields.keep(`ulimits.${Name}`, [Soft, Hard])
  const check = container.Healthcheck ?? container.HealthCheck ?? {}
  fields.addEach('healthcheck', {
    test: check.Test,
    interval: time(check.Interval),
    timeout: time(check.Timeout),
    start_period: time(check.StartPeriod),
    start_interval: time(check.StartInterval),
    retries: check.Retries,
  })
  for (const mount of container.Mounts ?? []) fields.add(`volumes.${mount.Target ?? ''}`, mountOf(mount))
  for (const file of container.Configs ?? []) fields.add(`configs.${file.File?.Name ?? ''}`, fileOf(file))
  for (const file of container.Secrets ?? []) fields.add(`secrets.${file.File?.Name ?? ''}`, fileOf(file))
}

/** `replicated 3`; jobs with how many at once. */
function modeOf({ Mode: mode = {} }: ServiceSpec): string {
  if (mode.Global !== undefined) return 'global'
  if (mode.GlobalJob !== undefined) return 'global-job'
  const { ReplicatedJob: job } = mode
  if (job !== undefined)
    return `replicated-job ${job.TotalCompletions ?? 1} by ${job.MaxConcurrent ?? job.TotalCompletions ?? 1}`
  return `replicated ${mode.Replicated?.Replicas ?? 1}`
}

function updateOf(config: ServiceUpdateConfig | undefined): object {
  const { Parallelism, Delay, FailureAction, Monitor, MaxFailureRatio, Order } = config ?? {}
  return {
    // Without a limit is said by 0.
    ...(Parallelism === undefined || Parallelism === 1 ? {} : { parallelism: String(Parallelism) }),
    delay: time(unless(Delay, 0)),
    failure_action: unless(FailureAction, 'pause'),
    monitor: time(unless(unless(Monitor, 5e9), 0)),
    max_failure_ratio: unless(MaxFailureRatio, 0),
    order: unless(Order, 'stop-first'),
  }
}

function amountsOf({ NanoCPUs, MemoryBytes, Pids, GenericResources }: ServiceResources = {}): object {
  return {
    cpus: NanoCPUs === undefined ? undefined : NanoCPUs / 1e9,
    memory: MemoryBytes,
    pids: Pids,
    generic_resources: GenericResources,
  }
}

/** Nanoseconds as the file has them. */
function time(nanoseconds: number | undefined): string | undefined {
  return nanoseconds === undefined || nanoseconds === 0 ? undefined : formatDuration(nanoseconds)
}

/** By the port in the container: where it is published. */
function portsOf(ports: readonly ServicePort[] = []): Readonly<Record<string, readonly string[]>> {
  const byTarget: Record<string, string[]> = {}
  for (const { TargetPort, Protocol = 'tcp', PublishedPort = 0, PublishMode = 'ingress' } of ports) {
    const key = `${TargetPort ?? 0}/${Protocol}`
    byTarget[key] = [...(byTarget[key] ?? []), `${PublishedPort} ${PublishMode}`].sort()
  }
  return byTarget
}

function mountOf({ Target: _, Type, Source, ...options }: Mount): unknown {
  return given({ Type, Source, ...options })
}

/** The name in the swarm, and beside it what is not as usual. */
function fileOf({ File, ConfigName, SecretName }: ServiceFile): unknown {
  const name = ConfigName ?? SecretName
  const { UID = '0', GID = '0', Mode = 0o444 } = File ?? {}
  return UID === '0' && GID === '0' && Mode === 0o444 ? name : { name, UID, GID, Mode: Mode.toString(8) }
}

class FieldCollector {
  readonly #fields = new Map<string, string>()

  /** Nothing stands for a value that says nothing: none, false, an empty text, list or object. */
  add(path: string, value: unknown): void {
    const some = given(value)
    if (some !== undefined) this.keep(path, some)
  }

  addEach(path: string, values: object | undefined): void {
    for (const [name, value] of Object.entries(values ?? {})) {
      if (path.endsWith('labels')) this.keep(`${path}.${name}`, value)
      else this.add(`${path}.${name}`, value)
    }
  }

  keep(path: string, value: unknown): void {
    this.#fields.set(path, JSON.stringify(value))
  }

  collect(): Fields {
    return this.#fields
  }
}

function unless<T>(value: T | undefined, usual: T): T | undefined {
  return value === usual ? undefined : value
}

function sorted(list: readonly string[] | undefined): readonly string[] | undefined {
  return list === undefined ? undefined : [...list].sort()
}

/** A value without what says nothing in it, with its keys in order; undefined for one that says nothing. */
function given(value: unknown): unknown {
  if (value === undefined || value === null || value === false || value === '' || value === 0)
    return undefined
  if (Array.isArray(value)) return value.length === 0 ? undefined : value
  if (typeof value !== 'object') return value
  const kept = Object.entries(value)
    .map(([key, inner]) => [key, given(inner)] as const)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}
