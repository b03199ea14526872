import type { Project } from '../../model/index.ts'
import { takeDown } from '../down/teardown.ts'
import { byName, isAlive } from '../observed/find.ts'
import type { Observed } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { stepBase } from '../plan/step.ts'
import { selectServices } from '../project/service-set.ts'
import { findOrphans } from '../reconcile/orphans.ts'
import type { KillOptions } from './options.ts'

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
