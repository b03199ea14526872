import type { Path } from '../../../model/index.ts'
import type { Workload } from '../objects/objects.ts'
import type { Context, Subject } from './context.ts'
import type { PodTemplate } from './pod.ts'

/** In which order pods are replaced, and how many at once. */
interface Update {
  readonly isStartFirst: boolean
  /** 0: all. */
  readonly parallelism: number
}

/**
 * How a Deployment replaces its pods: as the file says. Where it says nothing, Kubernetes starts the new one first, but for pods
 * of which a node takes one alone: there it would wait for ever for another node.
 */
export function deploymentStrategy(
  owner: Subject,
  template: PodTemplate,
): Pick<Extract<Workload, { kind: 'Deployment' }>['spec'], 'strategy'> {
  const isAlone = bindsNodePorts(template) || template.spec.affinity?.podAntiAffinity !== undefined
  const update = updateOf(owner, template) ?? (isAlone ? { isStartFirst: false, parallelism: 1 } : undefined)
  if (update === undefined) return {}
  const { isStartFirst, parallelism } = update
  const { deploy, scale } = owner.service
  // As many as there are, where it says 0.
  const many = parallelism === 0 ? Math.max(1, deploy?.replicas ?? scale ?? 1) : parallelism
  const rollingUpdate = isStartFirst
    ? { maxSurge: many, maxUnavailable: 0 }
    : { maxSurge: 0, maxUnavailable: many }
  return { strategy: { type: 'RollingUpdate', rollingUpdate } }
}

/** The same of a DaemonSet, which by itself has the old pod of a node end first. */
export function daemonStrategy(
  owner: Subject,
  template: PodTemplate,
): Pick<Extract<Workload, { kind: 'DaemonSet' }>['spec'], 'updateStrategy'> {
  const update = updateOf(owner, template)
  if (update === undefined) return {}
  const many = Math.max(1, update.parallelism)
  const rollingUpdate = update.isStartFirst ? { maxSurge: many, maxUnavailable: 0 } : { maxUnavailable: many }
  return { updateStrategy: { type: 'RollingUpdate', rollingUpdate } }
}

function updateOf({ context, service, path }: Subject, template: PodTemplate): Update | undefined {
  const { update_config: update } = service.deploy ?? {}
  if (update === undefined) return undefined
  const at = [...path, 'deploy', 'update_config']
  warnOfUpdate(context, at, update)
  const wantsStart = update.order === 'start-first'
  const isBound = bindsNodePorts(template)
  if (wantsStart && isBound)
    context.notes.warn(
      'KUBERNETES_ATTRIBUTE',
      [...at, 'order'],
      'a new pod cannot start before the old one has ended: both bind the same ports of their node',
      'say order: stop-first, or leave network_mode: host',
    )
  return { isStartFirst: wantsStart && !isBound, parallelism: update.parallelism ?? 1 }
}

/** Ports of pods on their node's network are the node's: no two such pods are on one node. */
function bindsNodePorts({ spec: { hostNetwork, containers } }: PodTemplate): boolean {
  return hostNetwork === true && containers.some(({ ports = [] }) => ports.length > 0)
}

function warnOfUpdate({ notes }: Context, path: Path, update: object): void {
  for (const [name, words] of [
    ['failure_action', 'a rollout that fails stops where it is'],
    ['monitor', 'a pod counts once it is ready'],
    ['max_failure_ratio', 'a rollout goes on while pods become ready'],
  ] as const)
    if (name in update)
      notes.warn('KUBERNETES_ATTRIBUTE', [...path, name], `Kubernetes has no ${name}: ${words}`)
}
