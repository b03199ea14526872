import type { Project, Service } from '../../model/index.ts'
import type { Observed } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { stepBase } from '../plan/step.ts'
import { oneOffLabels } from '../project/labels.ts'
import { oneOffName } from '../project/names.ts'
import { type SelectedService, type ServiceSet, selectServices } from '../project/service-set.ts'
import { checkWords } from '../project/words.ts'
import { attachmentsOf } from '../reconcile/attachments.ts'
import { planContainers } from '../reconcile/containers.ts'
import type { Context } from '../reconcile/context.ts'
import { resourcesBefore } from '../reconcile/creation.ts'
import { type Decisions, decideFates } from '../reconcile/fates.ts'
import { behindImages, reconcileImages } from '../reconcile/images.ts'
import { reconcileNetworks } from '../reconcile/networks.ts'
import type { UpOptions } from '../reconcile/options.ts'
import { reconcileOrphans } from '../reconcile/orphans.ts'
import { parentRefs } from '../reconcile/parents.ts'
import type { StartPlanning } from '../reconcile/planning.ts'
import { createIdOf } from '../reconcile/replica.ts'
import { planRestarts } from '../reconcile/restarts.ts'
import { planStarts } from '../reconcile/starts.ts'
import { checkContainerNames, checkResourceNames } from '../reconcile/taken-names.ts'
import { reconcileVolumes } from '../reconcile/volumes.ts'
import { waitsFor } from '../reconcile/waits.ts'
import { normaliseService } from '../spec/normalise.ts'
import { specOf } from '../spec/stored.ts'

/** `run`: what of `up` counts for what the service depends on, and the container itself. */
export interface RunOptions
  extends Pick<UpOptions, 'noDeps' | 'build' | 'pull' | 'removeOrphans' | 'ignoreOrphans' | 'now'> {
  readonly service: string
  /** As it is run (`oneOffService`). */
  readonly definition: Service
  /** 64 hex digits: the planner draws none. */
  readonly slug: string
  /** `--name`. */
  readonly name?: string
  /** The container has the service's names in its networks, too, not its own alone. */
  readonly useAliases?: boolean
  readonly autoRemove?: boolean
  /** A client is attached to it from before its start. */
  readonly attached?: boolean
  /** Rows and columns of that client's terminal. */
  readonly consoleSize?: readonly [number, number]
}

/**
 * What `run` does: what the service depends on is brought up as by `up` and waited for, then a container of its own is made and
 * started; the service's containers are left alone. Errors as of `planUp`.
 */
export function planRun(project: Project, observed: Observed, options: RunOptions): Plan {
  const { service: name, definition } = options
  const named = { named: [name], include: options.noDeps === true ? 'none' : 'dependencies' } as const
  // An unknown name is told before the definition takes its place.
  selectServices(project, named)
  const { model } = project
  const whole = { ...project, model: { ...model, services: { ...model.services, [name]: definition } } }
  const set = selectServices(whole, named)
  checkWords(whole, set.services)
  checkResourceNames(whole)
  const builder = new PlanBuilder(project.name)
  const context: Context = { project: whole, observed, options, set, builder }
  const images = reconcileImages(context)
  const behind = behindImages(context, images)
  const decisions: Decisions = {
    images,
    networks: reconcileNetworks(context, behind),
    volumes: reconcileVolumes(context, behind),
  }
  reconcileOrphans(context)
  const others: Context = { ...context, set: without(set, name) }
  const fates = decideFates(others, decisions)
  checkContainerNames(others, fates)
  const planning = { context: others, decisions, fates, images: behind }
  planContainers(planning)
  const selected = set.byName.get(name)
  if (selected !== undefined) addOneOff(planStarts(planning, planRestarts(planning)), selected, options)
  return builder.build()
}

function without({ services, byName }: ServiceSet, name: string): ServiceSet {
  return {
    services: services.filter(service => service.name !== name),
    byName: new Map([...byName].filter(([key]) => key !== name)),
  }
}

/** Creates it beside what it depends on, and starts it behind the waits. */
function addOneOff(planning: StartPlanning, selected: SelectedService, options: RunOptions): void {
  const { context, decisions, fates } = planning
  const { project, builder } = context
  const { name: serviceName, service } = selected
  const { slug, autoRemove = false, attached = false, consoleSize } = options
  const name = options.name ?? oneOffName(project.name, serviceName, slug)
  const joined = parentRefs(context, serviceName, service, fates)
  const step = { cause: `run of "${serviceName}"` }
  const create = builder.add({
    type: 'createContainer',
    id: createIdOf(name),
    ...stepBase(
      name,
      { ...step, after: [...planning.images, ...resourcesBefore(service, decisions), ...joined.after] },
      'create',
    ),
    serviceName,
    service,
    name,
    number: 0,
    oneOff: true,
    labels: oneOffLabels(
      project,
      serviceName,
      service,
      specOf(normaliseService(service, project.model)),
      slug,
    ),
    image: decisions.images.get(serviceName)?.reference ?? '',
    networks: attachmentsOf(context, selected, name, decisions.networks, fates).map(attachment =>
      options.useAliases === true ? attachment : { ...attachment, aliases: [name] },
    ),
    parents: joined.parents,
    secrets: {},
    inheritedVolumes: [],
    run: { autoRemove, maker: slug, attached, ...(consoleSize === undefined ? {} : { consoleSize }) },
  })
  const waits = selected.dependencies.flatMap(dependency => waitsFor(planning, dependency))
  const container = { name, createdBy: create }
  let last = builder.add({
    type: 'startContainer',
    id: `container:${name}:start`,
    ...stepBase(name, { ...step, after: [create, ...waits] }, 'start'),
    container,
    serviceName,
  })
  for (const [index, hook] of (service.post_start ?? []).entries())
    last = builder.add({
      type: 'runHook',
      id: `container:${name}:post-start-${index + 1}`,
      ...stepBase(name, { cause: 'post_start', after: [last] }, 'start'),
      container,
      serviceName,
      when: 'post_start',
      hook,
      unlessEnded: true,
    })
}
