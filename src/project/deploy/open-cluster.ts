import type { Cluster, ClusterPlace } from '../cluster/cluster.ts'
import { environmentOf, type Target } from '../target.ts'
import { type Choice, chooseCluster, type KnownClusters } from './choose.ts'

/** The project of a target on a cluster. What the cluster's kind takes is loaded here and not before. */
export async function openCluster(target: Target, { to, ...place }: ClusterPlace): Promise<Cluster> {
  if (to === 'kubernetes') {
    const { openKubernetes } = await import('../kubernetes/cluster.ts')
    return openKubernetes(target, place)
  }
  const { openSwarm } = await import('../swarm/cluster.ts')
  return openSwarm(target, place)
}

/** The kind of cluster that is meant where it may not be said. Errors: DEPLOY_CLUSTER, DOCKER_CONTEXT, KUBERNETES_CONFIG. */
export async function whichCluster(target: Target, place: Partial<ClusterPlace>): Promise<Choice> {
  const env = environmentOf(target)
  return chooseCluster(place, env, () => knownClusters(target))
}

async function knownClusters(target: Target): Promise<KnownClusters> {
  const env = environmentOf(target)
  const [{ hasContext, namedEngine }, { readKubeconfig }] = await Promise.all([
    import('../swarm/manager.ts'),
    import('../../deploy/kubernetes/cluster/kubeconfig.ts'),
  ])
  const kubeconfig = readKubeconfig(undefined, env, target.cwd ?? process.cwd())
  return {
    docker: namedEngine(env),
    hasDockerContext: name => hasContext(name, env),
    kubernetes: [...(kubeconfig?.contexts.keys() ?? [])],
  }
}
