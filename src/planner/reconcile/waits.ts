import type { WaitDependency } from '../plan/operation.ts'
import { stepBase } from '../plan/step.ts'
import type { Dependency } from '../project/service-set.ts'
import { guardOf, type StartPlanning } from './planning.ts'
import { isNew, type Replica, type ServiceFate } from './replica.ts'

/** Operations that a dependent's start comes after. */
export function waitsFor(planning: StartPlanning, dependency: Dependency): string[] {
  const fate = planning.fates.get(dependency.name)
  const ready = planning.ready.get(dependency.name) ?? []
  if (fate === undefined || dependency.condition === 'service_started') return [...ready]
  const condition = dependency.condition === 'service_healthy' ? 'healthy' : 'completed'
  return [
    ...ready,
    ...fate.replicas.flatMap(replica => addWait(planning, fate, replica, dependency, condition, ready)),
  ]
}

function addWait(
  planning: StartPlanning,
  fate: ServiceFate,
  replica: Replica,
  dependency: Dependency,
  condition: WaitDependency['condition'],
  ready: readonly string[],
): string[] {
  const { builder } = planning.context
  const id = `container:${replica.name}:wait-${condition}${dependency.required ? '' : '-optional'}`
  if (builder.has(id)) return [id]
  const { existing } = replica
  const restart = existing === undefined ? undefined : planning.restarts.get(existing.id)
  const isSatisfied =
    condition === 'healthy'
      ? existing?.state === 'running' && existing.health === 'healthy'
      : planning.completed.has(fate.selected.name)
  const stays = isSatisfied && !isNew(replica)
  if (stays && restart === undefined && replica.obsolete === undefined) return []
  const guard = stays ? (restart === undefined ? guardOf(replica) : restart.guard) : undefined
  builder.add({
    type: 'waitDependency',
    id,
    ...stepBase(replica.name, { cause: `others need it ${condition}`, after: ready, guard }, 'wait'),
    ...(dependency.required ? {} : { bestEffort: true }),
    container: replica.ref,
    serviceName: fate.selected.name,
    condition,
  })
  return [id]
}
