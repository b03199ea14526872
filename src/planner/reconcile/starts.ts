import { byName, isAlive, replicasOf } from '../observed/find.ts'
import type { Guard } from '../plan/operation.ts'
import { stepBase } from '../plan/step.ts'
import { adaptIdOf } from './adapt.ts'
import { completedServices, findOneShots, hasEndedWell } from './completed.ts'
import { type ContainerPlanning, guardOf, type Restart, type StartPlanning } from './planning.ts'
import { addInits } from './pre-start.ts'
import { isNew, type Replica, type ServiceFate } from './replica.ts'
import { serviceOf } from './restarts.ts'
import { stopIdOf } from './steps.ts'
import { relieveIdOf } from './updates.ts'
import { waitsFor } from './waits.ts'

/**
 * Plans starts in dependency order, each behind the waits for what it depends on. With `start: false` only what the plan
 * itself stops is started again. What is returned knows what waits come behind.
 */
export function planStarts(
  planning: ContainerPlanning,
  restarts: ReadonlyMap<string, Restart>,
): StartPlanning {
  const oneShots = findOneShots(planning.fates)
  const all: StartPlanning = {
    ...planning,
    restarts,
    ready: new Map(),
    oneShots,
    completed: completedServices(planning, restarts, oneShots),
  }
  for (const fate of planning.fates.values()) all.ready.set(fate.selected.name, startService(all, fate))
  awaitOneShots(all)
  startBystanders(all)
  return all
}

/** A one-shot that is started again though those who need it run is waited for as well: `up` fails if it fails. */
function awaitOneShots(planning: StartPlanning): void {
  for (const [name, dependents] of planning.oneShots) {
    if ((planning.ready.get(name) ?? []).length === 0) continue
    for (const { selected, replicas } of dependents)
      if (replicas.length > 0)
        for (const dependency of selected.dependencies)
          if (dependency.name === name) waitsFor(planning, dependency)
  }
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
  const own = (replica.beside ? ['create'] : ['create', 'rename', 'rename-back']).map(
    step => `container:${name}:${step}`,
  )
  if (existing !== undefined && !isAlive(existing)) own.push(adaptIdOf(existing))
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
      // What the plan stopped in any case, it starts in any case.
      guard: restart.guard === undefined || obsolete === undefined ? restart.guard : base.guard,
      after: planning.context.builder.has(stop) ? [...base.after, stop] : base.after,
    }
  }
  if (existing.state === 'running' || existing.state === 'restarting')
    return obsolete === undefined ? undefined : { ...base, cause: obsolete.cause, action: 'recreate' }
  if (planning.completed.has(fate.selected.name))
    return obsolete === undefined ? undefined : { ...base, cause: obsolete.cause, action: 'recreate' }
  const action = existing.state === 'paused' ? 'unpause' : 'start'
  const isOneShot = planning.oneShots.has(fate.selected.name) && hasEndedWell(fate)
  const cause = isOneShot ? 'others need it completed, at each up' : `container is ${existing.state}`
  return { ...base, guard: undefined, cause, action }
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
    ...(replica.beside ? { beside: true } : {}),
  })
  for (const [index, hook] of (service.post_start ?? []).entries()) {
    const id = `container:${replica.name}:post-start-${index + 1}`
    last = builder.add({ type: 'runHook', id, ...base, after: [last], serviceName, when: 'post_start', hook })
  }
  // Names lead to it from then on.
  return [replica.beside ? relieveIdOf(replica.name) : last]
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
