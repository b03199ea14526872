import type { ContainerPlanning, Restart } from './planning.ts'
import { mayChange, type ServiceFate } from './replica.ts'

/**
 * One-shot services that need not run again: they have ended with 0, others depend on their completion, nothing about
 * them changed, and none of those others is going to be started. So `up` after `up` does nothing (Docker Compose runs
 * them again each time), while `stop` and `up` runs a migration before its application, as one expects.
 */
export function completedServices(
  { fates }: ContainerPlanning,
  restarts: ReadonlyMap<string, Restart>,
): ReadonlySet<string> {
  const completed = new Set<string>()
  const dependents = dependentsOnCompletion(fates)
  // Dependents stand behind what they depend on, so going backwards each one's own verdict is there when it is needed.
  for (const fate of [...fates.values()].reverse()) {
    const waiting = dependents.get(fate.selected.name)
    if (waiting === undefined || !hasEndedWell(fate)) continue
    if (waiting.every(other => completed.has(other.selected.name) || stays(other, restarts)))
      completed.add(fate.selected.name)
  }
  return completed
}

/** By service, those that wait for its completion. */
function dependentsOnCompletion(fates: ReadonlyMap<string, ServiceFate>): Map<string, ServiceFate[]> {
  const dependents = new Map<string, ServiceFate[]>()
  for (const fate of fates.values())
    for (const { name, condition } of fate.selected.dependencies) {
      if (condition !== 'service_completed_successfully') continue
      const waiting = dependents.get(name) ?? []
      waiting.push(fate)
      dependents.set(name, waiting)
    }
  return dependents
}

function hasEndedWell({ replicas }: ServiceFate): boolean {
  return replicas.every(
    replica => !mayChange(replica) && replica.existing?.state === 'exited' && replica.existing.exitCode === 0,
  )
}

function stays({ replicas }: ServiceFate, restarts: ReadonlyMap<string, Restart>): boolean {
  return replicas.every(
    replica =>
      !mayChange(replica) && replica.existing?.state === 'running' && !restarts.has(replica.existing.id),
  )
}
