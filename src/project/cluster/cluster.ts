import type { DeployPlan } from '../../deploy/plan/plan.ts'
import type { Diagnostic } from '../../diagnostics/index.ts'
import type { PlannedResource } from '../../planner/index.ts'
import type { LogSink } from '../logs/log-sink.ts'
import type { ProjectContainer } from '../ps.ts'
import type { ProgressListener } from '../run-plan.ts'

export type { DeployPlan }

/** Engines of many machines. */
export type ClusterKind = 'swarm' | 'kubernetes'

/** Which cluster is meant. */
export interface ClusterPlace {
  readonly to: ClusterKind
  /** Context of the Docker CLI, or of kubeconfig. */
  readonly context?: string
  /** Kubernetes: the file to take contexts from, instead of KUBECONFIG and ~/.kube/config. */
  readonly kubeconfig?: string
  /** Kubernetes: the namespace of all objects. */
  readonly namespace?: string
  /** Swarm: the address of a manager. */
  readonly host?: string
}

/** What is brought to a cluster, and how. */
export interface DeployRequest {
  /** Services to deploy, with those that they depend on; absent or empty: all that no profile switches off. */
  readonly services?: readonly string[]
  /** Remove what an earlier deploy has made and the file does not have any more. */
  readonly prune?: boolean
  /** Take back what others have set by hand. */
  readonly force?: boolean
  /** Push images that services build, before; default: true. */
  readonly push?: boolean
  /** Swarm: when registries are asked for the digests of images; default: always. */
  readonly resolveImage?: 'always' | 'changed' | 'never'
  /** Swarm: what a swarm passes over is a problem, too. */
  readonly strict?: boolean
  /** Numbers of pods, or tasks, of services, instead of those in the file. */
  readonly scale?: ReadonlyMap<string, number>
}

/** How a change of a cluster is followed. */
export interface DeployWork {
  /** Plans, tells the plan, and changes nothing. */
  readonly dryRun?: boolean
  /** The plan, before anything is done, and what events will be about. */
  readonly onPlan?: (plan: DeployPlan, resources: readonly PlannedResource[]) => void | Promise<void>
  readonly onEvent?: ProgressListener
  readonly onWarning?: (diagnostics: readonly Diagnostic[]) => void
  readonly signal?: AbortSignal
  /** Calls at once. */
  readonly parallel?: number
  /** Return once the cluster has been told, without waiting until all runs. */
  readonly detach?: boolean
  /** Seconds until waiting is given up. */
  readonly timeout?: number
}

export interface DeployedRequest {
  readonly services?: readonly string[]
  /** What has ended, too. */
  readonly all?: boolean
}

export interface DeployedLogsRequest {
  readonly services?: readonly string[]
  readonly follow?: boolean
  /** Last lines of each container; absent: all. Moments are in Unix seconds, as text with nanoseconds. */
  readonly tail?: number
  readonly since?: number | string
  readonly until?: number | string
  readonly timestamps?: boolean
}

/** One project on a cluster: the same works whatever the cluster is. */
export interface Cluster {
  /** What a deploy would do. Changes nothing. */
  plan(request: DeployRequest): Promise<DeployPlan>
  /** Brings the cluster to what the file says. Raises ProjectFailure with all that failed; Interrupted after an abort. */
  deploy(request: DeployRequest, work: DeployWork): Promise<DeployPlan>
  /** Brings each service back to what it was before its own last change, which need not have been the last deploy's. */
  rollback(work: DeployWork): Promise<DeployPlan>
  /** Removes what deploys have made; data of volumes only where it is asked for. */
  down(request: { readonly volumes?: boolean }, work: DeployWork): Promise<DeployPlan>
  /** Containers of the project, sorted by name. */
  ps(request: DeployedRequest): Promise<readonly ProjectContainer[]>
  /** Reads logs into the sink until they end, or until the signal. */
  logs(request: DeployedLogsRequest, sink: LogSink, signal?: AbortSignal): Promise<void>
}
