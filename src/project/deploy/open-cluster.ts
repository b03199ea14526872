import { failure } from '../../diagnostics/index.ts'
import type { Cluster, ClusterPlace } from '../cluster/cluster.ts'
import type { Target } from '../target.ts'

/** The project of a target on a cluster. What the cluster's kind takes is loaded here and not before. */
export async function openCluster(target: Target, { to, ...place }: ClusterPlace): Promise<Cluster> {
  if (to === 'kubernetes') {
    const { openKubernetes } = await import('../kubernetes/cluster.ts')
    return openKubernetes(target, place)
  }
  throw failure({
    code: 'DEPLOY_TARGET',
    kind: 'notImplemented',
    summary: 'deploying to Docker Swarm is not there yet',
    hint: '--to kubernetes is',
  })
}
