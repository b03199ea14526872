import { setTimeout as pause } from 'node:timers/promises'
import type {
  ClusterClient,
  KubernetesOperation,
  KubernetesPlan,
  ObjectRef,
} from '../../deploy/kubernetes/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { type Follower, followPlan, type Words } from '../../executor/index.ts'
import type { DeployWork } from '../cluster/cluster.ts'
import { Interrupted, ProjectFailure } from '../failures.ts'

/** Calls at once, unless somebody says otherwise: what a server's own limits let through (priority and fairness). */
const PARALLEL = 8

/** Between two looks at whether something has gone. */
const LOOK_MS = 300

export function parallelOf({ parallel = PARALLEL }: Pick<DeployWork, 'parallel'>): number {
  return Number.isFinite(parallel) && parallel > 0 ? parallel : PARALLEL
}

const WORDS: Readonly<Record<KubernetesOperation['action'], Words>> = {
  create: { begin: 'Creating', end: 'Created' },
  update: { begin: 'Updating', end: 'Updated' },
  recreate: { begin: 'Recreate', end: 'Recreated' },
  remove: { begin: 'Removing', end: 'Removed' },
  push: { begin: 'Pushing', end: 'Pushed' },
  wait: {},
}

/** Does what a plan has, object by object. Raises ProjectFailure with all that failed; Interrupted after an abort. */
export async function followKubernetes(
  client: ClusterClient,
  plan: KubernetesPlan,
  work: DeployWork,
  end: number,
): Promise<void> {
  const { onEvent, signal } = work
  const follower: Follower<KubernetesOperation> = {
    execute: operation => execute(client, operation, work, end),
    isUnneeded: async () => false,
    words: ({ action }) => WORDS[action],
    isTolerable: () => false,
    onTolerated: () => undefined,
  }
  const followed = await followPlan(plan, follower, new Map(), {
    parallel: parallelOf(work),
    ...(onEvent === undefined ? {} : { onEvent }),
    ...(signal === undefined ? {} : { signal }),
  })
  if (followed.aborted) throw new Interrupted()
  const failures = followed.failures.flatMap(each => each.failure.diagnostics)
  if (failures.length > 0) throw new ProjectFailure(failures)
}

async function execute(
  client: ClusterClient,
  { action, object, isForced, resource }: KubernetesOperation,
  work: DeployWork,
  end: number,
): Promise<void> {
  const what = `${resource.kind} ${resource.name}`
  const { told } = await import('../../deploy/kubernetes/index.ts')
  switch (action) {
    case 'create':
    case 'update':
      await told(what, client.apply(object, { force: isForced }))
      return
    case 'recreate':
      await told(what, client.remove(object, true))
      await untilGone(client, object, work, end)
      await told(what, client.apply(object, { force: true }))
      return
    case 'remove':
      await told(what, client.remove(object))
      if (work.detach !== true) await untilGone(client, object, work, end)
  }
}

/** Waits until an object is not there any more. Errors: KUBERNETES_TIMEOUT. */
export async function untilGone(
  client: ClusterClient,
  ref: ObjectRef,
  { signal, timeout }: DeployWork,
  end: number,
): Promise<void> {
  while ((await client.get(ref)) !== undefined) {
    if (performance.now() > end)
      throw failure({
        code: 'KUBERNETES_TIMEOUT',
        kind: 'unavailable',
        summary: `${ref.kind} ${ref.metadata.name} has not gone${timeout === undefined ? '' : ` after ${timeout} seconds`}`,
        hint: 'finalizers that nobody sees to keep objects: kubectl describe shows them',
      })
    await pause(LOOK_MS, undefined, signal === undefined ? {} : { signal })
  }
}
