import type { Project } from '../../model/index.ts'
import type { Observed } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { selectServices, unknownService } from '../project/service-set.ts'
import { checkWords } from '../project/words.ts'
import { planBudget } from '../reconcile/budget.ts'
import { planContainers } from '../reconcile/containers.ts'
import type { Context } from '../reconcile/context.ts'
import { decideFates } from '../reconcile/fates.ts'
import { checkFixedAddresses } from '../reconcile/fixed-addresses.ts'
import { planHandOvers } from '../reconcile/hand-overs.ts'
import { checkHostPorts } from '../reconcile/host-ports.ts'
import { behindImages, reconcileImages } from '../reconcile/images.ts'
import { checkNetworkRoom } from '../reconcile/network-room.ts'
import { reconcileNetworks } from '../reconcile/networks.ts'
import type { UpOptions } from '../reconcile/options.ts'
import { reconcileOrphans } from '../reconcile/orphans.ts'
import { checkStartFirst } from '../reconcile/relief.ts'
import { planRepairs } from '../reconcile/repairs.ts'
import { planRestarts } from '../reconcile/restarts.ts'
import { planStarts } from '../reconcile/starts.ts'
import { checkContainerNames, checkResourceNames } from '../reconcile/taken-names.ts'
import { planUpdates } from '../reconcile/updates.ts'
import { reconcileVolumes } from '../reconcile/volumes.ts'

/**
 * What `up` (and `create`, `scale`) does to make `observed` what `project` wants; no operations when all is right.
 * Throws a Failure for what no plan can put right (an external network that is missing, an unknown service …).
 */
export function planUp(project: Project, observed: Observed, options: UpOptions = {}): Plan {
  const builder = new PlanBuilder(project.name)
  const set = selectServices(project, {
    named: options.services,
    include: options.noDeps === true ? 'none' : 'dependencies',
  })
  for (const name of Object.keys(options.scale ?? {}))
    if (project.model.services[name] === undefined) throw unknownService(project, name)
  checkWords(project, set.services)
  checkResourceNames(project)
  const context: Context = { project, observed, options, set, builder }
  warnOfProviders(context)
  const images = reconcileImages(context)
  const behind = behindImages(context, images)
  const decisions = {
    images,
    networks: reconcileNetworks(context, behind),
    volumes: reconcileVolumes(context, behind),
  }
  reconcileOrphans(context)
  const fates = decideFates(context, decisions)
  checkContainerNames(context, fates)
  checkHostPorts(context, fates)
  checkFixedAddresses(context, fates)
  checkNetworkRoom(context, fates)
  checkStartFirst(context, fates)
  const planning = { context, decisions, fates, images: behind }
  planBudget(planning)
  planContainers(planning)
  const restarts = planRestarts(planning)
  planRepairs(planning, restarts)
  planStarts(planning, restarts)
  planUpdates(planning)
  planHandOvers(planning)
  return builder.build()
}

function warnOfProviders({ set, builder }: Context): void {
  for (const { name, service } of set.services)
    if (service.provider !== undefined)
      builder.warn(
        'PROVIDER_NOT_SUPPORTED',
        `service "${name}" is left out: providers ("${service.provider.type}") are not supported yet`,
      )
}
