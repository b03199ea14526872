import { failure } from '../../diagnostics/index.ts'
import type { Guard, WaitDependency } from '../plan/operation.ts'
import { LABEL, projectLabels } from '../project/labels.ts'
import { initName } from '../project/names.ts'
import type { Dependency } from '../project/service-set.ts'
import { attachmentsOf } from './attachments.ts'
import { completedServices } from './completed.ts'
import { type ContainerPlanning, guardOf } from './containers.ts'
import { byName, isAlive, replicasOf } from './context.ts'
import { createIdOf, isNew, type Replica, type ServiceFate } from './replica.ts'
import { type Restart, serviceOf } from './restarts.ts'
import { stepBase, stopIdOf } from './steps.ts'

/** Everything that starts are planned from. */
export interface StartPlanning extends ContainerPlanning {
  readonly restarts: ReadonlyMap<string, Restart>
  /** By service: operations after which its containers count as started, hooks done. */
  readonly ready: Map<string, readonly string[]>
  /** One-shot services that have completed and need not run again. */
  readonly completed: ReadonlySet<string>
}

/**
 * Plans starts in dependency order, each behind the waits for what it depends on. With `start: false` only what the plan
 * itself stops is started again.
 */
export function planStarts(planning: ContainerPlanning, restarts: ReadonlyMap<string, Restart>): void {
  const all: StartPlanning = {
    ...planning,
    restarts,
    ready: new Map(),
    completed: completedServices(planning, restarts),
  }
  for (const fate of planning.fates.values()) all.ready.set(fate.selected.name, startService(all, fate))
  startBystanders(all)
}

function startService(planning: StartPlanning, fate: ServiceFate): readonly string[] {
  const onlyRestarts = planning.context.options.start === false
  const starting = fate.replicas.flatMap(replica => {
    if (onlyRestarts && (replica.existing === undefined || !planning.restarts.has(replica.existing.id)))
      return []
    const need = startNeed(planning, fate, replica)
    return need === undefined ? [] : [{ replica, need }]
  })
  if (starting.length === 0) return []
  const waits = fate.selected.dependencies.flatMap(dependency => waitsFor(planning, dependency))
  const isAnyAlive = fate.replicas.some(({ existing }) => existing !== undefined && isAlive(existing))
  const inits = isAnyAlive ? [] : addInits(planning, fate, waits)
  return starting.flatMap(({ replica, need }) =>
    addStart(planning, fate, replica, need, [...waits, ...inits]),
  )
}

interface StartNeed {
  readonly cause: string
  readonly action: 'create' | 'recreate' | 'start' | 'restart' | 'unpause'
  readonly guard: Guard | undefined
  readonly after: readonly string[]
}

/** Why a replica has to be started, and behind which operations on itself; undefined if it needs not. */
function startNeed(planning: StartPlanning, fate: ServiceFate, replica: Replica): StartNeed | undefined {
  const { existing, obsolete, name } = replica
  const own = ['create', 'rename', 'rename-back'].map(step => `container:${name}:${step}`)
  const after = own.filter(id => planning.context.builder.has(id))
  if (existing === undefined)
    return { cause: 'container is missing', action: 'create', guard: undefined, after }
  if (isNew(replica)) return { cause: obsolete?.cause ?? '', action: 'recreate', guard: undefined, after }
  const restart = planning.restarts.get(existing.id)
  const base = { guard: guardOf(replica), after: [...after, ...(restart?.between ?? [])] }
  if (restart !== undefined) {
    const stop = stopIdOf(existing)
    return {
      cause: restart.cause,
      action: 'restart',
      // Stopped without condition is started without condition.
      guard: restart.guard === undefined || obsolete === undefined ? restart.guard : base.guard,
      after: planning.context.builder.has(stop) ? [...base.after, stop] : base.after,
    }
  }
  if (existing.state === 'running' || existing.state === 'restarting')
    return obsolete === undefined ? undefined : { ...base, cause: obsolete.cause, action: 'recreate' }
  if (planning.completed.has(fate.selected.name))
    return obsolete === undefined ? undefined : { ...base, cause: obsolete.cause, action: 'recreate' }
  const action = existing.state === 'paused' ? 'unpause' : 'start'
  return { ...base, guard: undefined, cause: `container is ${existing.state}`, action }
}

/** Start (or unpause), then the `post_start` hooks one after the other; the ids that dependents wait for. */
function addStart(
  planning: StartPlanning,
  fate: ServiceFate,
  replica: Replica,
  need: StartNeed,
  before: readonly string[],
): string[] {
  const { builder } = planning.context
  const { name: serviceName, service } = fate.selected
  const step = {
    cause: need.cause,
    guard: need.guard,
    action: need.action,
    after: [...before, ...need.after],
  }
  const base = { ...stepBase(replica.name, step, 'start'), container: replica.ref }
  if (need.action === 'unpause')
    return [builder.add({ type: 'unpauseContainer', id: `container:${replica.name}:unpause`, ...base })]
  let last = builder.add({
    type: 'startContainer',
    id: `container:${replica.name}:start`,
    ...base,
    serviceName,
  })
  for (const [index, hook] of (service.post_start ?? []).entries()) {
    const id = `container:${replica.name}:post-start-${index + 1}`
    last = builder.add({ type: 'runHook', id, ...base, after: [last], serviceName, when: 'post_start', hook })
  }
  return [last]
}

/** Operations that a dependent's start comes after. */
function waitsFor(planning: StartPlanning, dependency: Dependency): string[] {
  const fate = planning.fates.get(dependency.name)
  const ready = planning.ready.get(dependency.name) ?? []
  if (fate === undefined || dependency.condition === 'service_started') return [...ready]
  const condition = dependency.condition === 'service_healthy' ? 'healthy' : 'completed'
  return [
    ...ready,
    ...fate.replicas.flatMap(replica => addWait(planning, fate, replica, dependency, condition, ready)),
  ]
}

function addWait(
  planning: StartPlanning,
  fate: ServiceFate,
  replica: Replica,
  dependency: Dependency,
  condition: WaitDependency['condition'],
  ready: readonly string[],
): string[] {
  const { builder } = planning.context
  const id = `container:${replica.name}:wait-${condition}${dependency.required ? '' : '-optional'}`
  if (builder.has(id)) return [id]
  const { existing } = replica
  const restart = existing === undefined ? undefined : planning.restarts.get(existing.id)
  const isSatisfied =
    condition === 'healthy'
      ? existing?.state === 'running' && existing.health === 'healthy'
      : planning.completed.has(fate.selected.name)
  const stays = isSatisfied && !isNew(replica)
  if (stays && restart === undefined && replica.obsolete === undefined) return []
  const guard = stays ? (restart === undefined ? guardOf(replica) : restart.guard) : undefined
  builder.add({
    type: 'waitDependency',
    id,
    ...stepBase(replica.name, { cause: `others need it ${condition}`, after: ready, guard }, 'wait'),
    ...(dependency.required ? {} : { bestEffort: true }),
    container: replica.ref,
    serviceName: fate.selected.name,
    condition,
  })
  return [id]
}

/** `pre_start`: one after the other, before the first replica starts, only while none runs. */
function addInits(planning: StartPlanning, fate: ServiceFate, waits: readonly string[]): string[] {
  const { context, decisions, fates } = planning
  const { name: serviceName, service } = fate.selected
  const replica = fate.replicas[0]
  if (replica === undefined) return []
  let last = [...waits, createIdOf(replica.name), `container:${replica.name}:rename`].filter(
    id => !id.startsWith('container:') || context.builder.has(id),
  )
  for (const [index, hook] of (service.pre_start ?? []).entries()) {
    if (hook.per_replica === true)
      throw failure({
        kind: 'notImplemented',
        code: 'PRE_START_PER_REPLICA',
        summary: `"pre_start" of service "${serviceName}" with "per_replica: true" is not supported`,
      })
    const name = initName(context.project.name, serviceName, index)
    const id = context.builder.add({
      type: 'runInit',
      id: `container:${name}:run`,
      ...stepBase(
        name,
        { cause: `before "${serviceName}" starts`, after: [...last, ...removeKept(planning, name)] },
        'start',
      ),
      serviceName,
      service,
      hook,
      name,
      image: hook.image ?? fate.image.reference,
      labels: { ...projectLabels(context.project), [LABEL.service]: serviceName, [LABEL.hook]: 'pre_start' },
      networks: attachmentsOf(context, fate, name, decisions.networks, fates),
      volumesOf: replica.ref,
    })
    last = [id]
  }
  return (service.pre_start ?? []).length === 0 ? [] : last
}

/** A step that failed earlier was kept to be looked at: it goes now. */
function removeKept({ context }: StartPlanning, name: string): string[] {
  const kept = context.observed.containers.find(container => container.name === name && container.hook)
  if (kept === undefined) return []
  const step = { cause: 'kept from a run that failed', after: [], action: 'remove' } as const
  return [
    context.builder.add({
      type: 'removeContainer',
      id: `container:${name}:remove`,
      ...stepBase(name, step, 'remove'),
      container: { name, id: kept.id },
      force: true,
      volumes: true,
    }),
  ]
}

/** Containers of services that are not selected, which had to be stopped: they come up again. */
function startBystanders(planning: StartPlanning): void {
  const { context, fates, restarts } = planning
  const containers = [...context.observed.containers].filter(
    ({ service, id }) => !fates.has(service) && restarts.has(id),
  )
  for (const container of containers.sort(byName)) {
    const restart = restarts.get(container.id)
    if (restart === undefined || !isAlive(container) || serviceOf(planning, container.service) === undefined)
      continue
    if (!replicasOf(context.observed, container.service).includes(container)) continue
    const behind = restart.behind.flatMap(name => planning.ready.get(name) ?? [])
    context.builder.add({
      type: 'startContainer',
      id: `container:${container.name}:start`,
      ...stepBase(
        container.name,
        {
          cause: restart.cause,
          guard: restart.guard,
          after: [stopIdOf(container), ...restart.between, ...behind],
        },
        'restart',
      ),
      container: { name: container.name, id: container.id },
      serviceName: container.service,
    })
  }
}
