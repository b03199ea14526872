import type { Cluster, ClusterPlace } from '../cluster/cluster.ts'
import type { Target } from '../target.ts'

/** The project of a target on a cluster. What the cluster's kind takes is loaded here and not before. */
export async function openCluster(target: Target, { to, ...place }: ClusterPlace): Promise<Cluster> {
  if (to === 'kubernetes') {
    const { openKubernetes } = await import('../kubernetes/cluster.ts')
    return openKubernetes(target, place)
  }
  const { openSwarm } = await import('../swarm/cluster.ts')
  return openSwarm(target, place)
}
