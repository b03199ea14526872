import type { ContainerPlanning, OneShots, Restart } from './planning.ts'
import { mayChange, type ServiceFate } from './replica.ts'

/**
 * One-shot services that need not run again though each `up` runs what has ended: they say `x-tscompose: {run_once: true}`, have ended
 * with 0, others depend on their completion, nothing about them changed, and none of those others is going to be started. So
 * `stop` and `up` runs a migration before its application all the same.
 */
export function completedServices(
  { fates }: ContainerPlanning,
  restarts: ReadonlyMap<string, Restart>,
  dependents: OneShots,
): ReadonlySet<string> {
  const completed = new Set<string>()
  // Dependents stand behind what they depend on, so going backwards each one's own verdict is there when it is needed.
  for (const fate of [...fates.values()].reverse()) {
    const waiting = dependents.get(fate.selected.name)
    if (waiting === undefined || !runsOnce(fate) || !hasEndedWell(fate)) continue
    if (waiting.every(other => completed.has(other.selected.name) || stays(other, restarts)))
      completed.add(fate.selected.name)
  }
  return completed
}

/** Our extension of a service: once completed, it is left alone by an `up` that changes nothing. */
function runsOnce({ selected: { service } }: ServiceFate): boolean {
  return service['x-tscompose']?.run_once === true
}

/** The services that others wait for the completion of. */
export function findOneShots(fates: ReadonlyMap<string, ServiceFate>): OneShots {
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

/** Every container of it has ended with 0, and stays as it is. */
export function hasEndedWell({ replicas }: ServiceFate): boolean {
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
