import type { Project } from '../../model/index.ts'
import type { Observed } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { selectServices } from '../project/service-set.ts'
import { removeContainers } from './containers.ts'
import type { Down, DownOptions } from './context.ts'
import { removeImages } from './images.ts'
import { removeNetworks } from './networks.ts'
import { removeInherited, removeVolumes } from './volumes.ts'

/** What `down` does; without a Compose file give it `projectFromLabels(observed)`. */
export function planDown(project: Project, observed: Observed, options: DownOptions = {}): Plan {
  const builder = new PlanBuilder(project.name)
  const down: Down = { project, observed, options, builder }
  const set = selectServices(project, { named: options.services, include: 'dependents' })
  const isWhole = (options.services ?? []).length === 0
  const containers = removeContainers(down, set, isWhole)
  if (isWhole) {
    const removals = [...containers.values()].flatMap(({ done }) => done)
    removeNetworks(down, containers)
    if (options.volumes === true) removeVolumes(down, removals)
    if (options.volumes === true) removeInherited(down)
    if (options.images !== undefined) removeImages(down, options.images, removals)
  }
  const plan = builder.build()
  if (plan.operations.length > 0) return plan
  const nothing = {
    severity: 'warning',
    code: 'NOTHING_TO_REMOVE',
    summary: `No resource found to remove for project "${project.name}"`,
  } as const
  return { ...plan, warnings: [...plan.warnings, nothing] }
}
