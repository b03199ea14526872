import type { Project } from '../../model/index.ts'
import { byName, isReplica } from '../observed/find.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import type { ServiceSet } from '../project/service-set.ts'
import type { Down } from './context.ts'
import { type TakenDown, takeDown } from './teardown.ts'

/** What is planned for each container that goes, by its id. */
export type Containers = ReadonlyMap<string, TakenDown>

/**
 * Dependents stop before what they depend on; what belongs to no service of the file only if asked for. One-offs go with the
 * whole: they hold its networks. A container that has stopped keeps nothing waiting: it is removed beside what goes on.
 */
export function removeContainers(
  { project, observed, options, builder }: Down,
  set: ServiceSet,
  isWhole: boolean,
): Containers {
  const containers = new Map<string, TakenDown>()
  const stopped = new Map<string, readonly string[]>()
  const remove = (container: ObservedContainer, after: readonly string[]): readonly string[] => {
    // Hooks are those of the service's own containers.
    const service = container.oneOff ? undefined : project.model.services[container.service]
    const { timeout, volumes = false } = options
    const planned = takeDown(container, {
      builder,
      service,
      cause: 'down',
      after,
      timeout,
      remove: true,
      volumes,
    })
    containers.set(container.id, planned)
    return planned.stopped
  }
  for (const { name } of [...set.services].reverse()) {
    const dependents = set.services.filter(other => other.dependencies.some(edge => edge.name === name))
    const after = dependents.flatMap(dependent => stopped.get(dependent.name) ?? [])
    const own = observed.containers.filter(
      container => container.service === name && (isReplica(container) || container.hook),
    )
    const ids = own.sort(byName).flatMap(container => remove(container, after))
    stopped.set(name, ids.length === 0 ? after : ids)
  }
  if (!isWhole) return containers
  const rest = observed.containers.filter(
    container =>
      !containers.has(container.id) &&
      (container.oneOff || (options.removeOrphans === true && !isDisabled(project, container))),
  )
  for (const container of [...rest].sort(byName)) remove(container, [])
  return containers
}

function isDisabled(project: Project, container: ObservedContainer): boolean {
  return project.disabledServices[container.service] !== undefined
}
