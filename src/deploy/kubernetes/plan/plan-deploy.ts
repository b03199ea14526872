import type { ClusterClient } from '../cluster/client.ts'
import { told } from '../cluster/connection.ts'
import { type ClusterObject, labelOf } from '../cluster/object.ts'
import type { KubernetesObject } from '../objects/objects.ts'
import type { Reveal } from './changes.ts'
import { type Comparison, compare } from './compare.ts'
import { type Compared, type KubernetesPlan, makePlan } from './make-plan.ts'
import { hasLabels, type ObservedCluster, observe } from './observe.ts'

/** What is to be in a cluster, and how it is brought there. */
export interface DeployWanted {
  readonly project: string
  readonly namespace: string
  /** Labels of all that is the project's. */
  readonly selector: string
  readonly objects: readonly KubernetesObject[]
  /** Objects are a part of the project's: nothing is said of others. */
  readonly isPart: boolean
  readonly prune: boolean
  readonly force: boolean
  readonly reveal: Reveal
  /** Calls at once. */
  readonly parallel: number
}

/** Compares objects with what the cluster has. Changes nothing: the server is asked by dry runs. */
export async function planDeploy(client: ClusterClient, wanted: DeployWanted): Promise<KubernetesPlan> {
  const observed = await observe(client, wanted.namespace, wanted.selector)
  const compared = await inParallel(wanted.objects, wanted.parallel, async (object): Promise<Compared> => {
    const comparing = comparisonOf(client, object, observed, wanted)
    return { object, comparison: await told(`comparing ${labelOf(object)}`, comparing) }
  })
  const names = new Set(wanted.objects.map(labelOf))
  const isOrphan = (object: ClusterObject): boolean => !names.has(labelOf(object))
  const orphans = wanted.isPart ? [] : [...observed.objects.values()].filter(isOrphan)
  return makePlan(wanted.project, compared, { objects: orphans, isPruned: wanted.prune })
}

async function comparisonOf(
  client: ClusterClient,
  object: KubernetesObject,
  { namespace, objects }: ObservedCluster,
  options: DeployWanted,
): Promise<Comparison> {
  // The server takes nothing into a namespace that is not there, also where nothing would be done.
  if (namespace === undefined && object.kind !== 'Namespace') {
    await client.collectionOf(object, undefined)
    return { kind: 'new' }
  }
  // One that somebody else has made is used as it is: nobody takes it for ours, and removes it.
  if (object.kind === 'Namespace' && namespace !== undefined && !hasLabels(namespace, options.selector))
    return { kind: 'same' }
  const live = object.kind === 'Namespace' ? namespace : objects.get(labelOf(object))
  return compare(client, object, live, options)
}

/** Does a work for each item, so many at once, and gives what came of them in the order of the items. What fails first is raised, and nothing more is begun. */
async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  let isFailed = false
  const one = async (): Promise<void> => {
    while (next < items.length && !isFailed) {
      const at = next++
      try {
        results[at] = await work(items[at] as T)
      } catch (error) {
        isFailed = true
        throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(limit, items.length)) }, one))
  return results
}
