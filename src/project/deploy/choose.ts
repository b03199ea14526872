import { failure } from '../../diagnostics/index.ts'
import type { ClusterKind, ClusterPlace } from '../cluster/cluster.ts'
import type { Environment } from '../target.ts'

/** Says which kind of cluster is meant, for files and folders that always go to the same. */
const DEPLOY_TO = 'TSCOMPOSE_DEPLOY_TO'

/** What the machine knows of clusters. */
export interface KnownClusters {
  /** What names an engine to Docker's client: a variable, or the context that is in use; undefined where nothing does. */
  readonly docker: string | undefined
  /** Whether its client has a context of that name. */
  hasDockerContext(name: string): boolean
  /** Names of the contexts of kubeconfig; none where there is no kubeconfig. */
  readonly kubernetes: readonly string[]
}

/** A kind of cluster, and what it was chosen by where nothing said it in so many words. */
export interface Choice {
  readonly to: ClusterKind
  readonly by?: string
}

/**
 * The kind of cluster that is meant: what is said, what an option is for, the clusters that the machine knows. Where several are as
 * likely, none is chosen. Errors: DEPLOY_CLUSTER.
 */
export async function chooseCluster(
  place: Partial<ClusterPlace>,
  env: Environment,
  known: () => Promise<KnownClusters>,
): Promise<Choice> {
  const { to, host, kubeconfig, namespace, context } = place
  if (to !== undefined) return { to }
  const said = env[DEPLOY_TO]
  if (said === 'swarm' || said === 'kubernetes') return { to: said, by: DEPLOY_TO }
  if (said) throw unclear(`${DEPLOY_TO} is "${said}", want swarm or kubernetes`)
  if (host !== undefined) return { to: 'swarm' }
  if (kubeconfig !== undefined) return { to: 'kubernetes', by: '--kubeconfig' }
  if (namespace !== undefined) return { to: 'kubernetes', by: '--namespace' }
  return context === undefined ? byMachine(await known()) : byContext(context, await known())
}

function byContext(name: string, { hasDockerContext, kubernetes }: KnownClusters): Choice {
  const [isDocker, isKubernetes] = [hasDockerContext(name), kubernetes.includes(name)]
  if (isDocker && isKubernetes) throw unclear(`the Docker CLI and kubeconfig both have a context "${name}"`)
  if (!isDocker && !isKubernetes)
    throw unclear(`neither the Docker CLI nor kubeconfig has a context "${name}"`)
  if (isKubernetes) return { to: 'kubernetes', by: `the context "${name}" of kubeconfig` }
  return { to: 'swarm', by: `the context "${name}" of the Docker CLI` }
}

function byMachine({ docker, kubernetes }: KnownClusters): Choice {
  if (docker !== undefined && kubernetes.length > 0)
    throw unclear(`there are ${docker} for a Swarm, and a kubeconfig for Kubernetes`)
  if (kubernetes.length > 0) return { to: 'kubernetes', by: 'kubeconfig' }
  return { to: 'swarm', by: docker ?? 'the engine of this machine' }
}

function unclear(problem: string): Error {
  return failure({
    code: 'DEPLOY_CLUSTER',
    kind: 'invalidArgument',
    summary: `which cluster is meant is not clear: ${problem}`,
    hint: `--to swarm or --to kubernetes says it, or ${DEPLOY_TO} in the environment`,
  })
}
