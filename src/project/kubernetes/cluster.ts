import type { Conversion, ConvertOptions } from '../../deploy/kubernetes/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { isSecretName } from '../../planner/spec/mask.ts'
import type { Cluster, ClusterPlace, DeployPlan, DeployRequest, DeployWork } from '../cluster/cluster.ts'
import { ProjectFailure } from '../failures.ts'
import { environmentOf, type Target } from '../target.ts'
import { convertToKubernetes } from './convert.ts'

type Kubernetes = typeof import('../../deploy/kubernetes/index.ts')
type Client = InstanceType<Kubernetes['ClusterClient']>

/** Calls at once, unless somebody says otherwise: what a server's own limits let through (priority and fairness). */
const PARALLEL = 8

/** The project of a target on a cluster of Kubernetes. Errors: KUBERNETES_CONFIG. */
export async function openKubernetes(target: Target, place: Omit<ClusterPlace, 'to'>): Promise<Cluster> {
  const kubernetes = await import('../../deploy/kubernetes/index.ts')
  const access = kubernetes.accessOf({
    env: environmentOf(target),
    cwd: target.cwd ?? process.cwd(),
    ...(place.kubeconfig === undefined ? {} : { kubeconfig: place.kubeconfig }),
    ...(place.context === undefined ? {} : { context: place.context }),
  })
  return new KubernetesCluster(target, place, kubernetes, access)
}

class KubernetesCluster implements Cluster {
  readonly #target: Target
  readonly #place: Omit<ClusterPlace, 'to'>
  readonly #kubernetes: Kubernetes
  readonly #access: ReturnType<Kubernetes['accessOf']>

  constructor(
    target: Target,
    place: Omit<ClusterPlace, 'to'>,
    kubernetes: Kubernetes,
    access: ReturnType<Kubernetes['accessOf']>,
  ) {
    this.#target = target
    this.#place = place
    this.#kubernetes = kubernetes
    this.#access = access
  }

  plan(request: DeployRequest): Promise<DeployPlan> {
    return this.#connected({}, client => this.#planOf(client, request, {}))
  }

  async deploy(request: DeployRequest, work: DeployWork): Promise<DeployPlan> {
    return this.#connected(work, async client => {
      const plan = await this.#planOf(client, request, work)
      if (plan.warnings.length > 0) work.onWarning?.(plan.warnings)
      await work.onPlan?.(
        plan,
        plan.operations.map(({ resource }) => resource),
      )
      if (plan.problems.length > 0) throw new ProjectFailure(plan.problems)
      if (work.dryRun === true) return plan
      throw notYet()
    })
  }

  async rollback(): Promise<DeployPlan> {
    throw notYet()
  }

  async down(): Promise<DeployPlan> {
    throw notYet()
  }

  async ps(): Promise<never> {
    throw notYet()
  }

  async logs(): Promise<never> {
    throw notYet()
  }

  async #planOf(
    client: Client,
    request: DeployRequest,
    { parallel = PARALLEL }: DeployWork,
  ): Promise<DeployPlan> {
    const { services = [], prune = false, force = false } = request
    const conversion = await this.#conversion(services)
    const { objectsOf, planDeploy, selectorOf } = this.#kubernetes
    return planDeploy(client, {
      project: conversion.project,
      namespace: conversion.namespace,
      selector: selectorOf(conversion.project),
      objects: objectsOf(conversion),
      isPart: services.length > 0,
      prune,
      force,
      reveal: name => !isSecretName(name),
      parallel: Number.isFinite(parallel) ? parallel : PARALLEL,
    })
  }

  async #conversion(services: readonly string[]): Promise<Conversion> {
    const { namespace } = this.#place
    const options: ConvertOptions = namespace === undefined ? {} : { namespace }
    return (await convertToKubernetes(this.#target, { services, ...options })).conversion
  }

  async #connected<T>({ signal }: DeployWork, work: (client: Client) => Promise<T>): Promise<T> {
    const { ClusterClient, Connection } = this.#kubernetes
    const connection = new Connection(this.#access, signal === undefined ? {} : { signal })
    try {
      return await work(new ClusterClient(connection))
    } finally {
      await connection.close()
    }
  }
}

function notYet(): Error {
  return failure({
    code: 'DEPLOY_TARGET',
    kind: 'notImplemented',
    summary: 'only plans and dry runs are there yet for Kubernetes',
  })
}
