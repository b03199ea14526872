import type { ClusterClient, KubernetesPlan, ObjectRef, Readiness } from '../../deploy/kubernetes/index.ts'
import type { Diagnostic } from '../../diagnostics/index.ts'
import type { PlannedResource } from '../../planner/index.ts'
import type { DeployWork } from '../cluster/cluster.ts'
import { ProjectFailure } from '../failures.ts'
import type { ProgressEvent } from '../run-plan.ts'

/** Where workloads are. */
export interface WaitPlace {
  readonly namespace: string
  readonly selector: string
  readonly workloads: readonly ObjectRef[]
}

/** What its events are about, beside those of the plan. */
export function waitedResources({ workloads }: Pick<WaitPlace, 'workloads'>): PlannedResource[] {
  return workloads.map(({ kind, metadata: { name } }) => ({ kind, name }))
}

/** Waits until all workloads are ready, and tells what each waits for. Raises ProjectFailure with why those are not that will not be, or are not in time. */
export async function waitReady(
  client: ClusterClient,
  plan: KubernetesPlan,
  place: WaitPlace,
  work: DeployWork,
  end: number,
): Promise<void> {
  if (place.workloads.length === 0) return
  const { awaitReady } = await import('../../deploy/kubernetes/index.ts')
  const { onEvent, signal } = work
  const changed = plan.operations.filter(({ action }) => action !== 'wait').map(({ resource }) => resource)
  const problems: Diagnostic[] = []
  const begun = performance.now()
  await awaitReady(client, {
    ...place,
    changed: new Set(changed.map(({ kind, name }) => `${kind} ${name}`)),
    milliseconds: Math.max(0, end - performance.now()),
    ...(signal === undefined ? {} : { signal }),
    onState: (workload, state) => {
      onEvent?.(eventOf(workload, state, performance.now() - begun))
      const problem = problemOf(workload, state, work)
      if (problem !== undefined) problems.push(problem)
    },
  })
  signal?.throwIfAborted()
  if (problems.length > 0) throw new ProjectFailure(problems)
}

function eventOf({ kind, metadata: { name } }: ObjectRef, state: Readiness, elapsed: number): ProgressEvent {
  const base = { operation: `wait:${name}`, resource: `${kind} ${name}`, kind, name }
  switch (state.kind) {
    case 'waiting':
      return { ...base, status: 'working', text: 'Waiting', detail: state.reason }
    case 'ready':
      return { ...base, status: 'done', text: kind === 'Job' ? 'Exited' : 'Healthy', elapsed }
    case 'failed':
    case 'late':
      return { ...base, status: 'error', text: 'Error', detail: state.reason, elapsed }
  }
}

function problemOf(
  { kind, metadata: { name } }: ObjectRef,
  state: Readiness,
  { timeout }: DeployWork,
): Diagnostic | undefined {
  if (state.kind !== 'failed' && state.kind !== 'late') return undefined
  const detail = state.lines.length === 0 ? {} : { detail: state.lines.join('\n') }
  if (state.kind === 'failed')
    return {
      severity: 'error',
      code: 'KUBERNETES_ROLLOUT',
      summary: `${kind} ${name}: ${state.reason}`,
      ...detail,
      hint: '--rollback goes back to what ran before; deploy logs shows more',
    }
  return {
    severity: 'error',
    code: 'KUBERNETES_TIMEOUT',
    summary: `${kind} ${name} is not ready${timeout === undefined ? '' : ` after ${timeout} seconds`}: ${state.reason}`,
    ...detail,
    hint: 'it may become so yet: deploy ps shows it, --timeout waits longer',
  }
}
