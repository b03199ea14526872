import type { ServiceInspect, ServiceSpec } from '../../../api/types/index.ts'
import type { Diagnostic } from '../../../diagnostics/index.ts'
import { OperationCollector } from '../../../planner/core/builder.ts'
import type { Change } from '../../../planner/core/operation.ts'
import type { Stack, StackService } from '../convert/convert.ts'
import { changesBetween, fieldsOf } from './fields.ts'
import { planFiles, planObsoleteFiles } from './files.ts'
import { type PinnedImage, withImage } from './images.ts'
import { planNetworks } from './networks.ts'
import { isOf, named, type ObservedStack } from './observed.ts'
import { idOf, removalOf, type SwarmOperation, type SwarmPlan, updateOf, waitFor } from './operation.ts'
import { type Version, versionsOf, withFiles } from './versions.ts'

export interface DeployOptions {
  /** What is the stack's and not in the file any more goes, too. */
  readonly prune?: boolean
  /** Images as registries have them, by the name that the file has. */
  readonly images?: ReadonlyMap<string, PinnedImage>
  /** Secrets that others made, by id: whether they have the wanted content. */
  readonly proven?: ReadonlyMap<string, boolean>
}

/** What is to be done, and why it cannot be. */
export interface PlannedDeploy {
  readonly plan: SwarmPlan
  readonly problems: readonly Diagnostic[]
}

/** All that makes the swarm have the stack as the file says, and nothing where it has. */
export function planDeploy(
  stack: Stack,
  observed: ObservedStack,
  options: DeployOptions = {},
): PlannedDeploy {
  const plan = new OperationCollector<SwarmOperation>(stack.name)
  const problems: Diagnostic[] = []
  planNetworks(plan, stack.networks, observed, problems)
  const versions = versionsOf(stack.files, observed, options.proven ?? new Map())
  planFiles(plan, versions, problems)
  const before = [...plan.idsFrom('network:'), ...plan.idsFrom('config:'), ...plan.idsFrom('secret:')]
  const wanted = new Map<string, ServiceSpec>()
  for (const service of stack.services) {
    const kept = observed.services.find(({ Spec }) => Spec.Name === service.name)
    const spec = withVersions(
      withImage(service.wanted, kept?.Spec, options.images?.get(service.image)),
      versions,
    )
    if (planService(plan, service, spec, kept, observed, before)) wanted.set(service.name, spec)
  }
  if (options.prune === true) planPrune(plan, stack, observed)
  planObsoleteFiles(plan, { stack, observed, versions, wanted, prune: options.prune === true })
  return { plan: plan.collect(), problems }
}

/** Names of the swarm for those of the file. */
function withVersions(wanted: ServiceSpec, versions: readonly Version[]): ServiceSpec {
  const names = new Map(versions.map(({ file, name }) => [`${file.kind} ${file.name}`, name]))
  const nameOf = (kind: string, name = ''): string => names.get(`${kind} ${name}`) ?? name
  return withFiles(wanted, {
    config: use => ({ ...use, ConfigName: nameOf('config', use.ConfigName) }),
    secret: use => ({ ...use, SecretName: nameOf('secret', use.SecretName) }),
  })
}

type Collector = OperationCollector<SwarmOperation>

/** True where something is to be done with the service. */
function planService(
  plan: Collector,
  { name }: StackService,
  wanted: ServiceSpec,
  kept: ServiceInspect | undefined,
  { networks }: ObservedStack,
  after: readonly string[],
): boolean {
  if (kept === undefined) {
    planMissing(plan, wanted, { name, action: 'create', cause: describe(wanted), changes: [], after })
    return true
  }
  const changes = changesBetween(fieldsOf(named(kept.Spec, networks)), fieldsOf(wanted))
  if (changes.length === 0) return false
  if (kindOfMode(kept.Spec) === kindOfMode(wanted)) planUpdate(plan, wanted, kept, changes, after)
  else {
    const cause = 'a swarm changes no mode of a service'
    for (const operation of removalOf(kept, cause)) plan.add({ ...operation, action: 'recreate' })
    const behind = [...after, idOf('service', name, 'end')]
    planMissing(plan, wanted, { name, action: 'recreate', cause, changes, after: behind })
  }
  return true
}

interface Creation {
  readonly name: string
  readonly action: 'create' | 'recreate'
  readonly cause: string
  readonly changes: readonly Change[]
  readonly after: readonly string[]
}

function planMissing(plan: Collector, wanted: ServiceSpec, { name, ...creation }: Creation): void {
  const resource = { kind: 'service', name } as const
  const id = plan.add({
    ...creation,
    type: 'createService',
    id: idOf('service', name, 'create'),
    resource,
    wanted,
  })
  plan.add(waitFor({ resource, cause: creation.cause, after: [id], isNew: true }))
}

function planUpdate(
  plan: Collector,
  wanted: ServiceSpec,
  kept: ServiceInspect,
  changes: readonly Change[],
  after: readonly string[],
): void {
  // Whoever had tasks made anew by force does not get them again.
  const ForceUpdate = kept.Spec.TaskTemplate?.ForceUpdate ?? 0
  const forced = { ...wanted, TaskTemplate: { ...wanted.TaskTemplate, ForceUpdate } }
  for (const operation of updateOf(kept, { wanted: forced, cause: '', changes, after })) plan.add(operation)
}

/** `nginx:1.27, 3 replicas` */
function describe({ Mode: mode = {}, TaskTemplate: task }: ServiceSpec): string {
  const image = task?.ContainerSpec?.Image?.split('@')[0] ?? ''
  const replicas = mode.Replicated?.Replicas ?? mode.ReplicatedJob?.TotalCompletions ?? 1
  const isGlobal = mode.Global !== undefined || mode.GlobalJob !== undefined
  return `${image}, ${isGlobal ? 'one on each node' : `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`}`
}

function kindOfMode({ Mode = {} }: ServiceSpec): string {
  return Object.keys(Mode).find(key => Mode[key as keyof typeof Mode] !== undefined) ?? 'Replicated'
}

/** Services and networks that the file has no more. */
function planPrune(plan: Collector, stack: Stack, observed: ObservedStack): void {
  const services = new Set(stack.services.map(({ name }) => name))
  const after: string[] = []
  for (const service of observed.services) {
    if (services.has(service.Spec.Name ?? '')) continue
    for (const operation of removalOf(service, 'not in the file')) after.push(plan.add(operation))
  }
  const waits = plan.idsFrom('service:')
  const networks = new Set(stack.networks.map(({ name }) => name))
  for (const { Id, Name, ...network } of observed.networks) {
    if (!isOf(observed, network) || networks.has(Name)) continue
    plan.add({
      type: 'removeNetwork',
      id: idOf('network', Name, 'remove'),
      after: [...waits, ...after],
      resource: { kind: 'network', name: Name },
      action: 'remove',
      cause: 'not in the file',
      changes: [],
      networkId: Id,
    })
  }
}
