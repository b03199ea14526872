import type { Conversion, DeployWanted, KubernetesPlan, ObjectRef } from '../../deploy/kubernetes/index.ts'
import { Failure } from '../../diagnostics/index.ts'
import { isSecretName } from '../../planner/spec/mask.ts'
import type {
  Cluster,
  ClusterPlace,
  DeployedLogsRequest,
  DeployedRequest,
  DeployPlan,
  DeployRequest,
  DeployWork,
} from '../cluster/cluster.ts'
import { checkServices } from '../containers.ts'
import { Interrupted, ProjectFailure } from '../failures.ts'
import type { LogSink } from '../logs/log-sink.ts'
import { openModel } from '../model.ts'
import type { NamedProject } from '../project-name.ts'
import type { ProjectContainer } from '../ps.ts'
import { environmentOf, type Target } from '../target.ts'
import { type ConvertRequest, checkNamespace, convertToKubernetes } from './convert.ts'
import { followKubernetes, parallelOf, untilGone } from './follow.ts'
import { builtImages, checkImages } from './images.ts'
import { listedContainer } from './ps.ts'
import { waitedResources, waitReady } from './wait.ts'

type Kubernetes = typeof import('../../deploy/kubernetes/index.ts')
type Client = InstanceType<Kubernetes['ClusterClient']>
type ListedContainer = ReturnType<Kubernetes['containersOf']>[number]
type Place = Omit<ClusterPlace, 'to'>

/** Seconds that are waited until all runs, or is gone. */
const TIMEOUT = 300

/** What keeps pods; a Job is waited for until it is done. */
const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job'])

/** The project of a target on a cluster of Kubernetes. Errors: KUBERNETES_CONFIG. */
export async function openKubernetes(target: Target, place: Place): Promise<Cluster> {
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
  readonly #place: Place
  readonly #kubernetes: Kubernetes
  readonly #access: ReturnType<Kubernetes['accessOf']>

  constructor(
    target: Target,
    place: Place,
    kubernetes: Kubernetes,
    access: ReturnType<Kubernetes['accessOf']>,
  ) {
    this.#target = target
    this.#place = place
    this.#kubernetes = kubernetes
    this.#access = access
  }

  plan(request: DeployRequest): Promise<DeployPlan> {
    return this.#connected({}, async client =>
      this.#kubernetes.planDeploy(
        client,
        this.#wanted(await this.#conversion(request, { dryRun: true }), request, {}),
      ),
    )
  }

  deploy(request: DeployRequest, work: DeployWork): Promise<DeployPlan> {
    return this.#connected(work, async (client, end) => {
      const wanted = this.#wanted(await this.#conversion(request, { dryRun: false, ...work }), request, work)
      const { namespace } = wanted
      await this.#awaitLeaving(client, namespace, work, end)
      const plan = await this.#kubernetes.planDeploy(client, wanted)
      const workloads = wanted.objects.filter(({ kind }) => WORKLOADS.has(kind))
      await this.#follow(client, plan, { namespace, workloads }, work, end)
      return plan
    })
  }

  rollback(work: DeployWork): Promise<DeployPlan> {
    return this.#connected(work, async (client, end) => {
      const { name, namespace, selector } = await this.#named()
      const plan = await this.#kubernetes.planRollback(client, { project: name, namespace, selector })
      const workloads = plan.operations.filter(({ action }) => action !== 'wait').map(({ object }) => object)
      await this.#follow(client, plan, { namespace, workloads }, work, end)
      return plan
    })
  }

  down({ volumes = false }: { readonly volumes?: boolean }, work: DeployWork): Promise<DeployPlan> {
    return this.#connected(work, async (client, end) => {
      const { name, namespace, selector } = await this.#named()
      const plan = await this.#kubernetes.planDown(client, { project: name, namespace, selector, volumes })
      await this.#follow(client, plan, { namespace, workloads: [] }, work, end)
      return plan
    })
  }

  ps({ services = [], all = false }: DeployedRequest): Promise<readonly ProjectContainer[]> {
    return this.#connected({}, async client => {
      const { nameFor } = this.#kubernetes
      const pods = await this.#pods(client)
      await this.#checkServices(services, pods)
      const wanted = new Set(services.map(nameFor))
      return pods
        .flatMap(found => found.map(each => ({ each, isSeveral: found.length > 1 })))
        .filter(
          ({ each }) => (wanted.size === 0 || wanted.has(each.service)) && (all || each.state !== 'exited'),
        )
        .map(({ each, isSeveral }) => listedContainer(each, isSeveral, Date.now() / 1000))
    })
  }

  logs(request: DeployedLogsRequest, sink: LogSink, signal?: AbortSignal): Promise<void> {
    const { services = [], follow = false, timestamps = false, tail, since, until } = request
    const ending = signal ?? new AbortController().signal
    return this.#connected({}, async client => {
      const { namespace, selector } = await this.#named()
      const { followLogs, nameFor } = this.#kubernetes
      if (services.length > 0) await this.#checkServices(services, await this.#pods(client))
      const options = {
        namespace,
        selector,
        services: new Set(services.map(nameFor)),
        follow,
        tail,
        // Kubernetes takes whole seconds.
        since: since === undefined ? undefined : Number(since),
        until,
      }
      const listener = {
        register: (name: string) => sink.register(name),
        line: (name: string, time: string, text: string) =>
          sink.lines(name, 'stdout', [timestamps ? `${time} ${text}` : text]),
        room: () => sink.room(),
      }
      await followLogs(client, options, listener, ending)
    })
  }

  /** Containers of the project, by pods. */
  async #pods(client: Client): Promise<readonly (readonly ListedContainer[])[]> {
    const { namespace, selector } = await this.#named()
    const { containersOf, POD, told } = this.#kubernetes
    const { items } = await told('listing pods', client.list(POD, { namespace, selector }))
    return items.map(pod => containersOf(pod))
  }

  /** Services that are neither in the file nor in the cluster are told. Errors: NO_SUCH_SERVICE. */
  async #checkServices(
    services: readonly string[],
    pods: readonly (readonly ListedContainer[])[],
  ): Promise<void> {
    if (services.length === 0) return
    const { nameFor } = this.#kubernetes
    const inFile = Object.keys((await this.#nameAndModel()).project?.model.services ?? {})
    const there = new Set(pods.flat().map(({ service }) => service))
    checkServices(
      [...new Set([...inFile, ...there])],
      services.filter(name => !there.has(nameFor(name))),
    )
  }

  /** Tells the plan, does it, and waits until what it is about runs. */
  async #follow(
    client: Client,
    plan: KubernetesPlan,
    { namespace, workloads }: { readonly namespace: string; readonly workloads: readonly ObjectRef[] },
    work: DeployWork,
    end: number,
  ): Promise<void> {
    const place = { namespace, workloads, selector: this.#kubernetes.selectorOf(plan.project) }
    if (plan.warnings.length > 0) work.onWarning?.(plan.warnings)
    const own = plan.operations.filter(({ action }) => action !== 'wait').map(({ resource }) => resource)
    await work.onPlan?.(plan, [...own, ...(work.detach === true ? [] : waitedResources(place))])
    if (plan.problems.length > 0) throw new ProjectFailure(plan.problems)
    if (work.dryRun === true) return
    await followKubernetes(client, plan, work, end)
    if (work.detach !== true) await waitReady(client, plan, place, work, end)
  }

  /** A namespace that is being removed takes nothing. */
  async #awaitLeaving(client: Client, name: string, work: DeployWork, end: number): Promise<void> {
    if (work.dryRun === true) return
    const ref = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
    const found = await this.#kubernetes.told(`looking for the namespace "${name}"`, client.get(ref))
    if (found?.metadata.deletionTimestamp !== undefined) await untilGone(client, ref, work, end)
  }

  #wanted(conversion: Conversion, request: DeployRequest, work: DeployWork): DeployWanted {
    const { services = [], prune = false, force = false, scale } = request
    const { objectsOf, scaled, selectorOf } = this.#kubernetes
    return {
      project: conversion.project,
      namespace: conversion.namespace,
      selector: selectorOf(conversion.project),
      objects: scale === undefined ? objectsOf(conversion) : scaled(conversion, scale),
      isPart: services.length > 0,
      prune,
      force,
      reveal: name => !isSecretName(name),
      parallel: parallelOf(work),
    }
  }

  /** The project as objects, with its images pushed, unless nothing is to be done. */
  async #conversion(request: DeployRequest, work: DeployWork): Promise<Conversion> {
    const { services = [] } = request
    const { namespace } = this.#place
    const options: ConvertRequest = { services, ...(namespace === undefined ? {} : { namespace }) }
    const converted = await convertToKubernetes(this.#target, options)
    checkImages(converted)
    if (converted.conversion.losses.length > 0)
      this.#target.onDiagnostics?.(converted.conversion.losses, converted.sources)
    const images = await builtImages(this.#target, converted.project, request, work)
    if (images.size === 0) return converted.conversion
    return (
      await convertToKubernetes({ ...this.#target, onDiagnostics: () => undefined }, { ...options, images })
    ).conversion
  }

  /** The project by its name, and where it is: as the file says, if there is one. */
  async #named(): Promise<{ readonly name: string; readonly namespace: string; readonly selector: string }> {
    const { name, project } = await this.#nameAndModel()
    const own = project?.model['x-tscompose-kubernetes']?.namespace
    const { nameFor, selectorOf } = this.#kubernetes
    const namespace = own ?? this.#place.namespace ?? nameFor(name)
    checkNamespace(namespace)
    return { name, namespace, selector: selectorOf(name) }
  }

  /** The model, where there is a file: it may name the namespace. */
  async #nameAndModel(): Promise<NamedProject> {
    try {
      const project = await openModel(this.#target, { load: { resolveEnvironment: false } })
      return { name: project.name, project }
    } catch (error) {
      const { projectName: name } = this.#target
      if (name !== undefined && error instanceof Failure && error.code === 'NO_COMPOSE_FILE') return { name }
      throw error
    }
  }

  async #connected<T>(work: DeployWork, run: (client: Client, end: number) => Promise<T>): Promise<T> {
    const { ClusterClient, Connection } = this.#kubernetes
    const { signal, timeout = TIMEOUT } = work
    const connection = new Connection(this.#access, signal === undefined ? {} : { signal })
    try {
      return await run(new ClusterClient(connection), performance.now() + timeout * 1000)
    } catch (error) {
      throw signal?.aborted === true ? new Interrupted() : error
    } finally {
      await connection.close()
    }
  }
}
