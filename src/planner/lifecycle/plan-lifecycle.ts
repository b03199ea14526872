import { failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import { takeDown } from '../down/teardown.ts'
import type { Observed, ObservedContainer } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { selectServices } from '../project/service-set.ts'
import { byName, isAlive, isReplica, replicasOf } from '../reconcile/context.ts'
import type { KillOptions, RemoveOptions, ServiceOptions } from '../reconcile/options.ts'
import { findOrphans } from '../reconcile/orphans.ts'
import { stepBase } from '../reconcile/steps.ts'

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

/** What `kill` does: everything of the services that runs, one-offs too. */
export function planKill(project: Project, observed: Observed, options: KillOptions = {}): Plan {
  const builder = new PlanBuilder(project.name)
  const set = selectServices(project, { named: options.services, include: 'none' })
  const signal = options.signal ?? 'SIGKILL'
  const own = observed.containers.filter(container => set.byName.has(container.service) && isAlive(container))
  for (const container of own.sort(byName))
    builder.add({
      type: 'killContainer',
      id: `container:${container.name}:kill`,
      ...stepBase(container.name, { cause: signal, after: [] }, 'kill'),
      container: { name: container.name, id: container.id },
      signal,
    })
  if (options.removeOrphans === true) {
    const orphans = findOrphans({ project, observed, options: {}, set, builder })
    for (const container of orphans)
      takeDown(container, {
        builder,
        service: undefined,
        cause: 'no service accounts for it',
        after: [],
        remove: true,
      })
  }
  return builder.build()
}

/** What `pause` and `unpause` do; a service without a container in the right state is a Failure. */
export function planPause(
  project: Project,
  observed: Observed,
  options: ServiceOptions & { readonly unpause?: boolean } = {},
): Plan {
  const builder = new PlanBuilder(project.name)
  const wanted = options.unpause === true ? 'paused' : 'running'
  const type = options.unpause === true ? 'unpauseContainer' : 'pauseContainer'
  const action = options.unpause === true ? 'unpause' : 'pause'
  for (const { name } of selectServices(project, { named: options.services, include: 'none' }).services)
    for (const container of observed.containers
      .filter(one => one.service === name && isReplica(one))
      .sort(byName))
      if (container.state === wanted)
        builder.add({
          type,
          id: `container:${container.name}:${action}`,
          ...stepBase(container.name, { cause: action, after: [] }, action),
          container: { name: container.name, id: container.id },
        })
  const plan = builder.build()
  if (plan.operations.length > 0) return plan
  throw failure({
    kind: 'conflict',
    code: 'NO_CONTAINER_IN_STATE',
    summary: `project "${project.name}" has no ${wanted} container to ${action}`,
  })
}
