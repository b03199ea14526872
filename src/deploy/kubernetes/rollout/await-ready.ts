import { setTimeout as pause } from 'node:timers/promises'
import type { ClusterClient, KindRef } from '../cluster/client.ts'
import { Refusal } from '../cluster/failure.ts'
import { type ClusterObject, labelOf, type ObjectRef } from '../cluster/object.ts'
import { watch } from '../cluster/watch.ts'
import { type Trouble, troubleOf } from './pod-trouble.ts'
import { stateOf } from './workload-state.ts'

/** Pods of one workload, and the workload, have it with the same value. */
const NAME = 'app.kubernetes.io/name'
const POD: KindRef = { apiVersion: 'v1', kind: 'Pod' }
const EVENT: KindRef = { apiVersion: 'v1', kind: 'Event' }

/** Lines of a container that has ended. */
const LINES = 10

/** What is waited for, and how it is told. */
export interface AwaitOptions {
  readonly namespace: string
  readonly selector: string
  readonly workloads: readonly ObjectRef[]
  /** Names of those that were changed just now, `Deployment web`: of these, pods that are older say nothing. */
  readonly changed: ReadonlySet<string>
  readonly milliseconds: number
  readonly signal?: AbortSignal
  readonly onState: (workload: ObjectRef, state: Readiness) => void
}

/** How far a workload has come. */
export type Readiness =
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'ready' }
  /** `lines`: the last ones of a container that has ended. */
  | { readonly kind: 'failed' | 'late'; readonly reason: string; readonly lines: readonly string[] }

/** Waits until workloads are ready, or will not be, or the time is over; tells each change of what they wait for. */
export async function awaitReady(client: ClusterClient, options: AwaitOptions): Promise<void> {
  const end = new AbortController()
  const signal = AbortSignal.any([end.signal, ...(options.signal === undefined ? [] : [options.signal])])
  const waiting = new Waiting(client, options)
  const kinds = new Map(options.workloads.map(({ apiVersion, kind }) => [kind, { apiVersion, kind }]))
  const { namespace, selector } = options
  const late = pause(options.milliseconds, undefined, { signal }).then(
    () => waiting.giveUp(),
    () => undefined,
  )
  const follow = async (kind: KindRef, what: Parameters<typeof watch>[2]): Promise<void> => {
    for await (const event of watch(client, kind, what, signal)) {
      const objects = event.type === 'all' ? event.objects : [event.object]
      for (const object of objects) await waiting.heard(object, event.type === 'gone')
      if (waiting.isDone) return end.abort()
    }
  }
  const follows = [
    ...[...kinds.values(), POD].map(kind => follow(kind, { namespace, selector })),
    follow(EVENT, { namespace, fields: 'type=Warning' }).catch(unlessRefused),
  ]
  try {
    await Promise.race([Promise.all(follows), late])
  } finally {
    end.abort()
    await Promise.allSettled([...follows, late])
  }
}

/** Whoever may not see events goes without what they tell. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof Refusal)) throw error
}

/** What is known of workloads that are waited for. */
class Waiting {
  readonly #client: ClusterClient
  readonly #options: AwaitOptions
  readonly #left: Map<string, ObjectRef>
  readonly #workloads = new Map<string, ClusterObject>()
  /** By the name that workload and pods share. */
  readonly #pods = new Map<string, Map<string, ClusterObject>>()
  readonly #warnings = new Map<string, string[]>()
  readonly #told = new Map<string, string>()

  constructor(client: ClusterClient, options: AwaitOptions) {
    this.#client = client
    this.#options = options
    this.#left = new Map(options.workloads.map(workload => [labelOf(workload), workload]))
  }

  get isDone(): boolean {
    return this.#left.size === 0
  }

  async heard(object: ClusterObject, isGone: boolean): Promise<void> {
    if (object.kind === 'Event') return this.#heardEvent(object)
    const name = object.metadata.labels?.[NAME] ?? ''
    if (object.kind === 'Pod') {
      const pods = this.#pods.get(name) ?? new Map<string, ClusterObject>()
      this.#pods.set(name, pods)
      if (isGone) pods.delete(object.metadata.name)
      else pods.set(object.metadata.name, object)
    } else if (this.#left.has(labelOf(object))) this.#workloads.set(name, object)
    await this.#look(name)
  }

  async giveUp(): Promise<void> {
    for (const [label, workload] of this.#left) {
      const known = this.#workloads.get(labelName(this.#workloads, label))
      const trouble = known && this.#troubleOf(known)
      const state = known && stateOf(known)
      const reason = trouble?.reason ?? (state?.kind === 'waiting' ? state.reason : 'it is not there')
      await this.#settle(workload, 'late', reason, known && trouble, known)
    }
  }

  async #heardEvent(event: ClusterObject): Promise<void> {
    const about = event['involvedObject'] as { readonly kind?: string; readonly name?: string } | undefined
    const label = `${about?.kind} ${about?.name}`
    this.#warnings.set(label, [...(this.#warnings.get(label) ?? []), String(event['message'])].slice(-5))
    for (const name of this.#workloads.keys()) {
      const isOfPod = about?.kind === 'Pod' && this.#pods.get(name)?.has(about.name ?? '') === true
      const workload = this.#workloads.get(name)
      if (isOfPod || (workload !== undefined && labelOf(workload) === label)) await this.#look(name)
    }
  }

  /** Tells what has changed for the workload of this name. */
  async #look(name: string): Promise<void> {
    const workload = this.#workloads.get(name)
    if (workload === undefined || !this.#left.has(labelOf(workload))) return
    const state = stateOf(workload)
    if (state.kind === 'ready') {
      this.#left.delete(labelOf(workload))
      return this.#options.onState(workload, state)
    }
    const trouble = this.#troubleOf(workload)
    if (state.kind === 'failed') return this.#settle(workload, 'failed', state.reason, trouble, workload)
    if (trouble?.isLasting === true)
      return this.#settle(workload, 'failed', trouble.reason, trouble, workload)
    const reason = trouble?.reason ?? state.reason
    if (this.#told.get(name) === reason) return
    this.#told.set(name, reason)
    this.#options.onState(workload, { kind: 'waiting', reason })
  }

  async #settle(
    workload: ObjectRef,
    kind: 'failed' | 'late',
    reason: string,
    trouble: Trouble | undefined,
    known: ClusterObject | undefined,
  ): Promise<void> {
    this.#left.delete(labelOf(workload))
    const lines =
      trouble?.container === undefined || known === undefined ? [] : await this.#lastLines(known, trouble)
    this.#options.onState(workload, { kind, reason, lines })
  }

  #troubleOf(workload: ClusterObject): Trouble | undefined {
    for (const pod of this.#newest(workload)) {
      const trouble = troubleOf(pod, this.#warnings.get(labelOf(pod)))
      if (trouble !== undefined) return trouble
    }
    // A quota, for instance: there is no pod then.
    const refused = this.#warnings.get(labelOf(workload))?.at(-1)
    return refused === undefined ? undefined : { reason: refused, isLasting: /exceeded quota/.test(refused) }
  }

  /** Pods of the workload's newest form. */
  #newest(workload: ClusterObject): ClusterObject[] {
    const pods = [...(this.#pods.get(workload.metadata.labels?.[NAME] ?? '')?.values() ?? [])]
    const latest = pods.toSorted((a, b) => (bornOf(a) < bornOf(b) ? 1 : -1))
    const form = formOf(latest[0])
    const since = this.#options.changed.has(labelOf(workload)) ? appliedAt(workload) : ''
    return latest.filter(pod => formOf(pod) === form && bornOf(pod) >= since)
  }

  async #lastLines(workload: ClusterObject, { container }: Trouble): Promise<string[]> {
    const pod = this.#newest(workload).find(each => troubleOf(each)?.container !== undefined)
    if (pod === undefined || container === undefined) return []
    const lines: string[] = []
    const options = { container: container.name, previous: container.isPrevious, tail: LINES }
    try {
      for await (const line of this.#client.log(pod, options)) lines.push(line.slice(line.indexOf(' ') + 1))
    } catch (error) {
      // The run before may be forgotten already.
      if (!(error instanceof Refusal)) throw error
    }
    return lines
  }
}

function labelName(workloads: ReadonlyMap<string, ClusterObject>, label: string): string {
  return [...workloads].find(([, workload]) => labelOf(workload) === label)?.[0] ?? ''
}

const bornOf = ({ metadata }: ClusterObject): string => metadata.creationTimestamp ?? ''

function formOf(pod: ClusterObject | undefined): string {
  const labels = pod?.metadata.labels ?? {}
  return labels['pod-template-hash'] ?? labels['controller-revision-hash'] ?? ''
}

/** When it was last changed by us, by the server's clock. */
function appliedAt({ metadata }: ClusterObject): string {
  const ours = (metadata.managedFields ?? []).filter(({ operation }) => operation === 'Apply')
  return (
    ours
      .map(({ time = '' }) => time)
      .sort()
      .at(-1) ?? ''
  )
}
