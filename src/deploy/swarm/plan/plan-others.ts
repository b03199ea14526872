import type { Diagnostic } from '../../../diagnostics/index.ts'
import { OperationCollector } from '../../../planner/core/builder.ts'
import { changesBetween, fieldsOf } from './fields.ts'
import { isOf, named, type ObservedStack } from './observed.ts'
import { idOf, removalOf, type SwarmOperation, type SwarmPlan, updateOf } from './operation.ts'
import type { PlannedDeploy } from './plan-deploy.ts'

/** Takes a stack down: services first, what they used when their tasks have ended. */
export function planDown(observed: ObservedStack): SwarmPlan {
  const plan = new OperationCollector<SwarmOperation>(observed.name)
  for (const service of observed.services)
    for (const operation of removalOf(service, 'stack is taken down')) plan.add(operation)
  const after = plan.idsFrom('service:')
  const base = { action: 'remove', cause: 'stack is taken down', changes: [], after } as const
  for (const { Id, Name, ...network } of observed.networks)
    if (isOf(observed, network))
      plan.add({
        ...base,
        type: 'removeNetwork',
        id: idOf('network', Name, 'remove'),
        resource: { kind: 'network', name: Name },
        networkId: Id,
      })
  for (const [kind, all] of [
    ['config', observed.configs],
    ['secret', observed.secrets],
  ] as const)
    for (const { ID, Spec } of all)
      if (isOf(observed, Spec))
        plan.add({
          ...base,
          type: 'removeFile',
          id: idOf(kind, Spec.Name ?? ID, 'remove'),
          resource: { kind, name: Spec.Name ?? ID },
          kind,
          fileId: ID,
        })
  return plan.collect()
}

/** Makes services what they were before their last change; those that never changed stay. */
export function planRollback(observed: ObservedStack, names?: readonly string[]): SwarmPlan {
  const plan = new OperationCollector<SwarmOperation>(observed.name)
  for (const service of observed.services) {
    const { ID, Spec, PreviousSpec } = service
    const name = Spec.Name ?? ID
    if (PreviousSpec === undefined || (names !== undefined && !names.includes(name))) continue
    const [from, to] = [Spec, PreviousSpec].map(each => fieldsOf(named(each, observed.networks)))
    const changes = from === undefined || to === undefined ? [] : changesBetween(from, to)
    if (changes.length === 0) continue
    const update = { wanted: Spec, cause: 'rolled back', changes, isRollback: true } as const
    for (const operation of updateOf(service, update)) plan.add(operation)
  }
  return plan.collect()
}

/** Sets how many tasks services have, by their names in the swarm; what is as it is to be is left alone. A service on each node has no number. */
export function planScale(observed: ObservedStack, replicas: ReadonlyMap<string, number>): PlannedDeploy {
  const plan = new OperationCollector<SwarmOperation>(observed.name)
  const problems: Diagnostic[] = []
  for (const service of observed.services) {
    const { ID, Spec } = service
    const count = replicas.get(Spec.Name ?? ID)
    if (count === undefined) continue
    if (Spec.Mode?.Global !== undefined || Spec.Mode?.GlobalJob !== undefined) {
      const summary = `service "${Spec.Name}" has a task on each node, and no number of them`
      problems.push({ severity: 'error', code: 'SWARM_MODE', summary })
      continue
    }
    const job = Spec.Mode?.ReplicatedJob
    const wanted = {
      ...Spec,
      Mode: job
        ? { ReplicatedJob: { ...job, TotalCompletions: count } }
        : { Replicated: { Replicas: count } },
    }
    const changes = changesBetween(fieldsOf(Spec), fieldsOf(wanted))
    if (changes.length === 0) continue
    const update = { wanted, cause: 'another number of replicas', changes, isPartial: true } as const
    for (const operation of updateOf(service, update)) plan.add(operation)
  }
  return { plan: plan.collect(), problems }
}
