import { createHash } from 'node:crypto'
import { at, canonical, isMap, type Json, type JsonMap, put } from './json.ts'
import { placeOf, type Store } from './store.ts'

/** What becomes of pods with an image. */
export type Fate =
  | 'runs'
  | 'crashes'
  | 'cannot be pulled'
  | 'finds no node'
  | 'is not ready'
  | 'exceeds a quota'
  | 'never starts'

/** Controllers of workloads, kubelets and a scheduler in one: each change of a workload has its end at once. */
export class Controllers {
  /** By images; `runs` where nothing is said. */
  readonly fates: Map<string, Fate> = new Map()
  readonly #store: Store
  readonly stop: () => void

  constructor(store: Store) {
    this.#store = store
    this.stop = store.listen(({ type, plural, object }) => {
      if (type !== 'DELETED' && KEEPERS.has(plural)) this.#reconcile(plural, object)
    })
  }

  /** Has the same happen once more, after a fate has changed. */
  again(): void {
    for (const plural of KEEPERS)
      for (const object of this.#store.list(plural, undefined)) this.#reconcile(plural, object)
  }

  #reconcile(plural: string, seen: JsonMap): void {
    const [namespace, name] = placeOf(seen)
    const workload = this.#store.get(plural, namespace, name)
    if (workload === undefined) return
    const template = at(workload, 'spec', 'template') as JsonMap
    const form = createHash('sha256').update(canonical(template)).digest('hex').slice(0, 8)
    const keeper =
      plural === 'deployments'
        ? this.#replicaSet(workload, template, form)
        : this.#revision(plural, workload, template, form)
    const fate = this.fates.get(imageOf(template)) ?? 'runs'
    const wanted = Number(at(workload, 'spec', plural === 'jobs' ? 'completions' : 'replicas') ?? 1)
    const count = fate === 'exceeds a quota' ? 0 : wanted
    for (let index = 0; index < count; index++)
      this.#pod(workload, keeper, template, {
        name: `${name}-${form}-${index}`,
        form,
        fate,
        isJob: plural === 'jobs',
      })
    for (const pod of this.#podsOf(workload)) {
      const [, index = '0'] = /-(\d+)$/.exec(placeOf(pod)[1]) ?? []
      const isOld = at(pod, 'metadata', 'labels', 'pod-template-hash') !== form
      if (isOld ? fate === 'runs' : Number(index) >= wanted)
        this.#store.delete('pods', namespace, placeOf(pod)[1])
    }
    this.#store.set(plural, put(workload, ['status'], statusOf(plural, workload, wanted, fate)))
  }

  #podsOf(workload: JsonMap): JsonMap[] {
    const [namespace, name] = placeOf(workload)
    return this.#store
      .list('pods', namespace)
      .filter(
        pod => at(pod, 'metadata', 'annotations', 'test/workload') === `${String(workload['kind'])} ${name}`,
      )
  }

  #replicaSet(workload: JsonMap, template: JsonMap, form: string): JsonMap {
    const [namespace, name] = placeOf(workload)
    const own = this.#store.list('replicasets', namespace).filter(each => isOwnedBy(each, workload))
    const there = own.find(each => placeOf(each)[1] === `${name}-${form}`)
    const revisions = own.map(each => Number(at(each, 'metadata', 'annotations', REVISION)))
    const latest = Math.max(0, ...revisions)
    const isLatest = there !== undefined && Number(at(there, 'metadata', 'annotations', REVISION)) === latest
    return this.#store.set('replicasets', {
      ...there,
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        ...(at(there, 'metadata') as JsonMap | undefined),
        name: `${name}-${form}`,
        namespace,
        labels: { ...labelsOf(template), 'pod-template-hash': form },
        annotations: { [REVISION]: String(isLatest ? latest : latest + 1) },
        ownerReferences: [ownerOf(workload)],
      },
      spec: { template: put(template, ['metadata', 'labels', 'pod-template-hash'], form) },
    })
  }

  #revision(plural: string, workload: JsonMap, template: JsonMap, form: string): JsonMap {
    if (plural === 'jobs') return workload
    const [namespace, name] = placeOf(workload)
    const own = this.#store.list('controllerrevisions', namespace).filter(each => isOwnedBy(each, workload))
    const there = own.find(each => placeOf(each)[1] === `${name}-${form}`)
    const latest = Math.max(0, ...own.map(each => Number(each['revision'])))
    const metadata: JsonMap = {
      name: `${name}-${form}`,
      namespace,
      labels: labelsOf(template),
      ownerReferences: [ownerOf(workload)],
    }
    this.#store.set('controllerrevisions', {
      ...there,
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: { ...(at(there, 'metadata') as JsonMap | undefined), ...metadata },
      data: { spec: { template: { ...template, $patch: 'replace' } } },
      revision: there !== undefined && Number(there['revision']) === latest ? latest : latest + 1,
    })
    return workload
  }

  #pod(
    workload: JsonMap,
    keeper: JsonMap,
    template: JsonMap,
    {
      name,
      form,
      fate,
      isJob,
    }: { readonly name: string; readonly form: string; readonly fate: Fate; readonly isJob: boolean },
  ): void {
    const [namespace, owner] = placeOf(workload)
    const before = this.#store.get('pods', namespace, name)
    this.#store.set('pods', {
      ...before,
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...(at(before, 'metadata') as JsonMap | undefined),
        name,
        namespace,
        labels: { ...labelsOf(template), 'pod-template-hash': form },
        annotations: { 'test/workload': `${String(workload['kind'])} ${owner}` },
        ownerReferences: [ownerOf(keeper)],
      },
      spec: {
        ...(at(template, 'spec') as JsonMap),
        ...(fate === 'finds no node' ? {} : { nodeName: 'node-1' }),
      },
      status: podStatus(template, fate, isJob),
    })
  }
}

const KEEPERS: ReadonlySet<string> = new Set(['deployments', 'statefulsets', 'daemonsets', 'jobs'])
const REVISION = 'deployment.kubernetes.io/revision'
const BEGAN = '2026-11-29T12:00:30Z'

function imageOf(template: JsonMap): string {
  const containers = at(template, 'spec', 'containers')
  return String(at(Array.isArray(containers) ? (containers[0] as Json) : undefined, 'image'))
}

function labelsOf(template: JsonMap): JsonMap {
  const labels = at(template, 'metadata', 'labels')
  return isMap(labels) ? labels : {}
}

function ownerOf(object: JsonMap): JsonMap {
  const { apiVersion = '', kind = '' } = object
  return {
    apiVersion,
    kind,
    name: placeOf(object)[1],
    uid: at(object, 'metadata', 'uid') ?? '',
    controller: true,
  }
}

function isOwnedBy(object: JsonMap, owner: JsonMap): boolean {
  const owners = at(object, 'metadata', 'ownerReferences')
  return (
    Array.isArray(owners) && owners.some(each => at(each as Json, 'uid') === at(owner, 'metadata', 'uid'))
  )
}

function statusOf(plural: string, workload: JsonMap, wanted: number, fate: Fate): JsonMap {
  const ready = fate === 'runs' ? wanted : 0
  const observedGeneration = at(workload, 'metadata', 'generation') ?? 1
  if (plural === 'jobs') {
    const failed = {
      type: 'Failed',
      status: 'True',
      reason: 'BackoffLimitExceeded',
      message: 'Job has reached the specified backoff limit',
    }
    if (fate === 'crashes') return { failed: 1, conditions: [failed] }
    return fate === 'runs'
      ? { succeeded: wanted, conditions: [{ type: 'Complete', status: 'True' }] }
      : { active: wanted }
  }
  if (plural === 'daemonsets')
    return {
      observedGeneration,
      desiredNumberScheduled: 1,
      updatedNumberScheduled: 1,
      numberAvailable: fate === 'runs' ? 1 : 0,
    }
  const quota = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: 'pods "web-1" is forbidden: exceeded quota: small, requested: cpu=2',
  }
  return {
    observedGeneration,
    replicas: wanted,
    updatedReplicas: fate === 'exceeds a quota' ? 0 : wanted,
    readyReplicas: ready,
    availableReplicas: ready,
    ...(fate === 'exceeds a quota' ? { conditions: [quota] } : {}),
  }
}

function podStatus(template: JsonMap, fate: Fate, isJob: boolean): JsonMap {
  const containers = (at(template, 'spec', 'containers') ?? []) as readonly JsonMap[]
  if (fate === 'finds no node') {
    const message = '0/3 nodes are available: 3 Insufficient memory.'
    return {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }],
    }
  }
  const containerStatuses = containers.map(({ name = '', image = '' }) => ({
    name,
    image,
    containerID: `containerd://${'0'.repeat(8)}${String(name)}`,
    ...containerState(fate, isJob),
  }))
  return {
    phase: isJob && fate !== 'is not ready' ? (fate === 'runs' ? 'Succeeded' : 'Failed') : 'Running',
    containerStatuses,
  }
}

function containerState(fate: Fate, isJob: boolean): JsonMap {
  const ended = (exitCode: number): JsonMap => ({
    terminated: { exitCode, finishedAt: BEGAN, reason: exitCode === 0 ? 'Completed' : 'Error' },
  })
  if (isJob && (fate === 'runs' || fate === 'crashes'))
    return { ready: false, restartCount: 0, state: ended(fate === 'runs' ? 0 : 1) }
  switch (fate) {
    case 'crashes':
      return {
        ready: false,
        restartCount: 4,
        state: {
          waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s restarting failed container' },
        },
        lastState: ended(1),
      }
    case 'cannot be pulled':
      return {
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image: not found' } },
      }
    case 'never starts':
      return {
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: 'CreateContainerConfigError', message: 'secret "none" not found' } },
      }
    default:
      return { ready: fate === 'runs', restartCount: 0, state: { running: { startedAt: BEGAN } } }
  }
}
