import type { Workload } from '../objects/objects.ts'
import type { Pod } from '../objects/pod.ts'
import {
  annotationsOf,
  type Context,
  compact,
  metadata,
  nameOf,
  podSelector,
  type Subject,
} from './context.ts'
import { replicasOf, type WorkloadKind } from './kind.ts'
import type { PodTemplate } from './pod.ts'
import { wholeSeconds } from './quantities.ts'
import { daemonStrategy, deploymentStrategy } from './strategy.ts'

/** What keeps a pod, of the kind that was decided on. */
export function workloadOf(
  context: Context,
  owner: Subject,
  kind: WorkloadKind,
  template: PodTemplate,
): Workload {
  const own = nameOf(context, owner.name)
  const about = metadata(
    context,
    own,
    owner.name,
    annotationsOf(owner, ['deploy', 'labels'], owner.service.deploy?.labels),
  )
  const selector = { matchLabels: podSelector(context, owner.name) }
  const shared = compact({ minReadySeconds: minReady(owner) })
  const replicas = replicasOf(owner)
  switch (kind) {
    case 'Deployment':
      return {
        apiVersion: 'apps/v1',
        kind,
        metadata: about,
        spec: { replicas, selector, ...shared, ...deploymentStrategy(owner, template), template },
      }
    case 'StatefulSet':
      return {
        apiVersion: 'apps/v1',
        kind,
        metadata: about,
        spec: { replicas, serviceName: own, selector, ...shared, template },
      }
    case 'DaemonSet':
      return {
        apiVersion: 'apps/v1',
        kind,
        metadata: about,
        spec: { selector, ...shared, ...daemonStrategy(owner, template), template },
      }
    case 'Job': {
      const many = replicas > 1 ? { completions: replicas, parallelism: replicas } : {}
      return {
        apiVersion: 'batch/v1',
        kind,
        metadata: about,
        spec: { ...many, backoffLimit: restartsOf(owner).attempts, template },
      }
    }
  }
}

/** How long a pod must have worked until the next one is replaced. */
function minReady({ service: { deploy } }: Subject): number | undefined {
  const { delay } = deploy?.update_config ?? {}
  return delay === undefined || delay === '0s' ? undefined : wholeSeconds(delay)
}

interface Restarts {
  readonly policy: Pod['restartPolicy']
  readonly attempts: number
}

/** How Compose has a one-shot started again. */
function restartsOf({ service }: Subject): Restarts {
  const own = service.deploy?.restart_policy
  const [word = 'no', number] = (service.restart ?? 'no').split(':')
  const condition = own?.condition ?? (own === undefined ? word : 'any')
  const attempts = own?.max_attempts ?? (number === undefined ? undefined : Number(number))
  const isRestarted = condition !== 'no' && condition !== 'none'
  return { policy: isRestarted ? 'OnFailure' : 'Never', attempts: isRestarted ? (attempts ?? 6) : 0 }
}

/** When a pod's containers are started again; what serves is, always: other policies are told. */
export function restartPolicyOf(owner: Subject, kind: WorkloadKind): Pod['restartPolicy'] {
  if (kind === 'Job') return restartsOf(owner).policy
  const { context, service, path } = owner
  const { condition, max_attempts: attempts } = service.deploy?.restart_policy ?? {}
  const [word, number] = (service.restart ?? '').split(':')
  const isOther = word === 'no' || word === 'on-failure' || condition === 'none' || condition === 'on-failure'
  if (isOther || number !== undefined || attempts !== undefined)
    context.notes.warn(
      'KUBERNETES_RESTART',
      condition === undefined && attempts === undefined
        ? [...path, 'restart']
        : [...path, 'deploy', 'restart_policy'],
      `Kubernetes starts containers of a ${kind} again however they end, and as often`,
      'say x-tscompose-kubernetes: {kind: job} of what runs to its end',
    )
  return undefined
}
