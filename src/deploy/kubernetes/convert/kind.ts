import type { Path } from '../../../model/index.ts'
import type { Workload } from '../objects/objects.ts'
import { type Context, nameOf, perContext, type Subject } from './context.ts'
import type { PodGroup } from './groups.ts'
import { namedVolumesOf } from './volume-users.ts'

export type WorkloadKind = Workload['kind']

const CHOSEN: Readonly<Record<string, WorkloadKind>> = {
  deployment: 'Deployment',
  'stateful-set': 'StatefulSet',
  'daemon-set': 'DaemonSet',
  job: 'Job',
}

interface Decision {
  readonly kind: WorkloadKind
  readonly path: Path
  readonly reason: string
}

/** What keeps the pods of a group, and says why. */
export function kindOf(group: PodGroup): WorkloadKind {
  const { owner } = group
  const { kind, path, reason } = decide(group)
  owner.context.notes.choose([...owner.path, ...path], `${kind} ${nameOf(owner.context, owner.name)}`, reason)
  return kind
}

function decide(group: PodGroup): Decision {
  const { context, service, name } = group.owner
  const extension = service['x-tscompose-kubernetes']
  const mode = service.deploy?.mode
  if (extension?.kind !== undefined)
    return {
      kind: CHOSEN[extension.kind] ?? 'Deployment',
      path: ['x-tscompose-kubernetes', 'kind'],
      reason: 'the file says so',
    }
  if (mode === 'global')
    return { kind: 'DaemonSet', path: ['deploy', 'mode'], reason: 'global is one on each node' }
  if (mode === 'replicated-job' || mode === 'global-job')
    return { kind: 'Job', path: ['deploy', 'mode'], reason: 'it is a job' }
  const once = oneShotReason(context, group.owner)
  if (once !== undefined) return { kind: 'Job', ...once }
  const written = namedVolumesOf(group).filter(({ readOnly }) => !readOnly)
  const [first] = written
  if (first !== undefined && replicasOf(group.owner) <= 1)
    return {
      kind: 'StatefulSet',
      path: first.path.slice(2),
      reason: `one replica writes the volume "${first.volume}": an old pod has ended before a new one starts`,
    }
  return { kind: 'Deployment', path: [], reason: `${name} runs for long and keeps nothing of its own` }
}

/** Services whose end others wait for, with the first of these. */
const awaitedOf = perContext(({ project }): ReadonlyMap<string, string> => {
  const pairs = Object.entries(project.model.services).flatMap(([name, { depends_on: dependencies = {} }]) =>
    Object.entries(dependencies).flatMap(([target, { condition }]) =>
      condition === 'service_completed_successfully' ? [[target, name] as const] : [],
    ),
  )
  return new Map(pairs.toReversed())
})

/** What makes it a service that runs to its end. */
function oneShotReason(context: Context, { name, service }: Subject): Omit<Decision, 'kind'> | undefined {
  const waiting = awaitedOf(context).get(name)
  if (waiting !== undefined) return { path: [], reason: `${waiting} waits for its end` }
  if (service['x-tscompose']?.run_once === true)
    return { path: ['x-tscompose', 'run_once'], reason: 'it runs to its end once' }
  const isServer = [service.ports, service.expose, service.healthcheck?.test].some(
    each => (each ?? []).length > 0,
  )
  if (isServer) return undefined
  if (service.restart === 'no')
    return { path: ['restart'], reason: 'nothing starts it again, and it serves nobody' }
  if (service.deploy?.restart_policy?.condition === 'none')
    return { path: ['deploy', 'restart_policy'], reason: 'nothing starts it again, and it serves nobody' }
  return undefined
}

/** How many pods there are to be. */
export function replicasOf({ service }: Subject): number {
  return service.deploy?.replicas ?? service.scale ?? 1
}
