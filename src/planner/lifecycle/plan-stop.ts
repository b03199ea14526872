import type { Project } from '../../model/index.ts'
import { takeDown } from '../down/teardown.ts'
import { isAlive, replicasOf } from '../observed/find.ts'
import type { Observed, ObservedContainer } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { selectServices } from '../project/service-set.ts'
import type { RemoveOptions, ServiceOptions } from './options.ts'

/** What `stop` does: the named services, dependents before what they depend on. */
export function planStop(project: Project, observed: Observed, options: ServiceOptions = {}): Plan {
  return goDown(project, observed, { ...options, remove: false })
}

/** What `rm` does: stopped containers alone, unless `stop`. */
export function planRemove(project: Project, observed: Observed, options: RemoveOptions = {}): Plan {
  if (options.stop === true) return goDown(project, observed, { ...options, remove: true })
  const builder = new PlanBuilder(project.name)
  for (const { name } of selectServices(project, { named: options.services, include: 'none' }).services)
    for (const container of replicasOf(observed, name))
      if (!isAlive(container)) remove(builder, container, options.volumes ?? false)
  return builder.build()
}

function remove(builder: PlanBuilder, container: ObservedContainer, volumes: boolean): void {
  takeDown(container, { builder, service: undefined, cause: 'rm', after: [], remove: true, volumes })
}

function goDown(project: Project, observed: Observed, options: RemoveOptions & { remove: boolean }): Plan {
  const builder = new PlanBuilder(project.name)
  const set = selectServices(project, { named: options.services, include: 'none' })
  const last = new Map<string, readonly string[]>()
  for (const { name, service } of [...set.services].reverse()) {
    const dependents = set.services.filter(other => other.dependencies.some(edge => edge.name === name))
    const after = dependents.flatMap(dependent => last.get(dependent.name) ?? [])
    const containers = replicasOf(observed, name).filter(container => options.remove || isAlive(container))
    const ids = containers.flatMap(
      container =>
        takeDown(container, {
          builder,
          service,
          cause: options.remove ? 'rm --stop' : 'stop',
          after,
          timeout: options.timeout,
          remove: options.remove,
          volumes: options.volumes ?? false,
        }).stopped,
    )
    last.set(name, ids.length === 0 ? after : ids)
  }
  return builder.build()
}
