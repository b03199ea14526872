import { failure } from '../../diagnostics/index.ts'
import type { Project } from '../../model/index.ts'
import { replicasOf } from '../observed/find.ts'
import type { Observed, ObservedContainer } from '../observed/observed.ts'
import type { Plan } from '../plan/plan.ts'
import { PlanBuilder } from '../plan/plan-builder.ts'
import { stepBase } from '../plan/step.ts'
import {
  type Dependency,
  type SelectedService,
  type ServiceSet,
  selectServices,
} from '../project/service-set.ts'
import type { ServiceOptions } from './options.ts'

interface Start {
  /** Whether a service without containers is a failure. */
  readonly wantsAll: boolean
  readonly observed: Observed
  readonly builder: PlanBuilder
  readonly set: ServiceSet
  readonly ready: Map<string, readonly string[]>
}

/**
 * What `start` does: dependency order with its waits. A named service without a container is a Failure; without names that is
 * one only where no service has any.
 */
export function planStart(project: Project, observed: Observed, options: ServiceOptions = {}): Plan {
  const set = selectServices(project, { named: options.services, include: 'dependencies' })
  const isEmpty = set.services.every(({ name }) => replicasOf(observed, name).length === 0)
  const isAsked = options.services !== undefined && options.services.length > 0
  const start: Start = {
    wantsAll: isAsked || isEmpty,
    observed,
    builder: new PlanBuilder(project.name),
    set,
    ready: new Map(),
  }
  for (const selected of set.services) start.ready.set(selected.name, startService(start, selected))
  return start.builder.build()
}

function startService(start: Start, selected: SelectedService): readonly string[] {
  const containers = replicasOf(start.observed, selected.name)
  if (containers.length === 0 && start.wantsAll && selected.targeted && wantsContainers(selected))
    throw noContainer(selected.name)
  const sleeping = containers.filter(
    container => container.state !== 'running' && container.state !== 'restarting',
  )
  if (sleeping.length === 0) return []
  const waits = selected.dependencies.flatMap(dependency => waitsFor(start, dependency))
  return sleeping.map(container => addStart(start.builder, container, selected, waits))
}

function wantsContainers({ service }: SelectedService): boolean {
  return service.provider === undefined && (service.deploy?.replicas ?? service.scale ?? 1) > 0
}

function addStart(
  builder: PlanBuilder,
  container: ObservedContainer,
  { name: serviceName, service }: SelectedService,
  after: readonly string[],
): string {
  const { name } = container
  const base = {
    ...stepBase(name, { cause: `container is ${container.state}`, after }, 'start'),
    container: { name, id: container.id },
  }
  if (container.state === 'paused')
    return builder.add({ type: 'unpauseContainer', id: `container:${name}:unpause`, ...base })
  const id = builder.add({ type: 'startContainer', id: `container:${name}:start`, ...base, serviceName })
  return addPostStart(builder, container, serviceName, service, id)
}

/** The `post_start` hooks, one after the other behind `start`; the id that comes last. */
export function addPostStart(
  builder: PlanBuilder,
  container: ObservedContainer,
  serviceName: string,
  service: SelectedService['service'],
  start: string,
): string {
  let last = start
  for (const [index, hook] of (service.post_start ?? []).entries())
    last = builder.add({
      type: 'runHook',
      id: `container:${container.name}:post-start-${index + 1}`,
      ...stepBase(container.name, { cause: 'post_start', after: [last] }, 'start'),
      container: { name: container.name, id: container.id },
      serviceName,
      when: 'post_start',
      hook,
    })
  return last
}

function waitsFor({ observed, builder, ready }: Start, dependency: Dependency): string[] {
  const after = ready.get(dependency.name) ?? []
  if (dependency.condition === 'service_started') return [...after]
  const condition = dependency.condition === 'service_healthy' ? 'healthy' : 'completed'
  const ids = replicasOf(observed, dependency.name).flatMap(container => {
    const id = `container:${container.name}:wait-${condition}${dependency.required ? '' : '-optional'}`
    if (builder.has(id) || isSatisfied(container, condition, after)) return builder.has(id) ? [id] : []
    builder.add({
      type: 'waitDependency',
      id,
      ...stepBase(container.name, { cause: `others need it ${condition}`, after }, 'wait'),
      ...(dependency.required ? {} : { bestEffort: true }),
      container: { name: container.name, id: container.id },
      serviceName: dependency.name,
      condition,
    })
    return [id]
  })
  return [...after, ...ids]
}

function isSatisfied(container: ObservedContainer, condition: string, starting: readonly string[]): boolean {
  if (starting.length > 0) return false
  return condition === 'healthy'
    ? container.state === 'running' && container.health === 'healthy'
    : container.state === 'exited' && container.exitCode === 0
}

function noContainer(name: string): Error {
  return failure({
    kind: 'notFound',
    code: 'NO_CONTAINER_TO_START',
    summary: `service "${name}" has no container to start`,
    hint: 'create it with "up"',
  })
}
