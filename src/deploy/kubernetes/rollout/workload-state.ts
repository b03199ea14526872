import { isLoose } from '../cluster/kubeconfig.ts'
import type { ClusterObject } from '../cluster/object.ts'

/** How far what keeps pods has come. */
export type WorkloadState =
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting'; readonly reason: string }
  /** It will not become ready by itself. */
  | { readonly kind: 'failed'; readonly reason: string }

/** Whether all pods of a workload are of its newest form and ready, by what its controller says; of a Job, whether it is done. */
export function stateOf(workload: ClusterObject): WorkloadState {
  const { kind, metadata, status = {} } = workload
  if (metadata.deletionTimestamp !== undefined) return { kind: 'failed', reason: 'somebody is removing it' }
  if (kind === 'Job') return stateOfJob(workload)
  if (numberOf(status, 'observedGeneration') < (metadata.generation ?? 1))
    return { kind: 'waiting', reason: 'the cluster has not begun with it' }
  const failure = conditionOf(status, 'ReplicaFailure', 'True')
  if (failure !== undefined) return { kind: 'failed', reason: `its pods cannot be made: ${failure}` }
  const late = conditionOf(status, 'Progressing', 'False')
  if (late !== undefined) return { kind: 'failed', reason: `it makes no progress: ${late}` }
  const wanted = wantedOf(workload)
  const [updated, ready] = countsOf(kind, status)
  const old = kind === 'Deployment' ? numberOf(status, 'replicas') - updated : 0
  if (updated < wanted) return { kind: 'waiting', reason: `${updated} of ${wanted} pods are made anew` }
  if (old > 0) return { kind: 'waiting', reason: `${old} pods of before have not ended` }
  if (ready < wanted) return { kind: 'waiting', reason: `${ready} of ${wanted} pods are ready` }
  return { kind: 'ready' }
}

function wantedOf({ kind, spec = {}, status = {} }: ClusterObject): number {
  if (kind === 'DaemonSet') return numberOf(status, 'desiredNumberScheduled')
  return typeof spec['replicas'] === 'number' ? spec['replicas'] : 1
}

function countsOf(kind: string, status: Readonly<Record<string, unknown>>): [updated: number, ready: number] {
  if (kind === 'DaemonSet')
    return [numberOf(status, 'updatedNumberScheduled'), numberOf(status, 'numberAvailable')]
  if (kind === 'Deployment')
    return [numberOf(status, 'updatedReplicas'), numberOf(status, 'availableReplicas')]
  return [numberOf(status, 'updatedReplicas'), numberOf(status, 'readyReplicas')]
}

function stateOfJob({ spec = {}, status = {} }: ClusterObject): WorkloadState {
  const failed = conditionOf(status, 'Failed', 'True')
  if (failed !== undefined) return { kind: 'failed', reason: `it has failed: ${failed}` }
  const wanted = typeof spec['completions'] === 'number' ? spec['completions'] : 1
  const done = numberOf(status, 'succeeded')
  if (done >= wanted || conditionOf(status, 'Complete', 'True') !== undefined) return { kind: 'ready' }
  return { kind: 'waiting', reason: wanted === 1 ? 'it has not ended' : `${done} of ${wanted} have ended` }
}

function numberOf(status: Readonly<Record<string, unknown>>, key: string): number {
  const { [key]: value } = status
  return typeof value === 'number' ? value : 0
}

/** What a condition says, where it has this status. */
export function conditionOf(
  status: Readonly<Record<string, unknown>>,
  type: string,
  wanted: 'True' | 'False',
): string | undefined {
  const { conditions } = status
  const found = (Array.isArray(conditions) ? conditions : [])
    .filter(isLoose)
    .find(condition => condition['type'] === type && condition['status'] === wanted)
  return found && String(found['message'] ?? found['reason'] ?? '')
}
