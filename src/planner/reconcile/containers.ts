import { replicasOf } from '../observed/find.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import { addPreStop } from '../plan/pre-stop.ts'
import { stepBase } from '../plan/step.ts'
import { LABEL } from '../project/labels.ts'
import { isTemporaryName, replacementName } from '../project/names.ts'
import { addAdapt, updateIdOf } from './adapt.ts'
import type { Context } from './context.ts'
import { addCreate } from './creation.ts'
import { driftChange } from './drift.ts'
import { UPDATED } from './obsolete.ts'
import type { ContainerPlanning } from './planning.ts'
import { addDrain, addRelief } from './relief.ts'
import { isNew, type Replica, type ServiceFate } from './replica.ts'
import { addRemove, addStop, removeIdOf, stopIdOf } from './steps.ts'
import { freeNames } from './taken-names.ts'

/** Plans what creates, replaces, renames and removes containers; starting is `starts.ts`. */
export function planContainers(planning: ContainerPlanning): void {
  for (const fate of planning.fates.values()) {
    removeSurplus(planning, fate)
    for (const replica of fate.replicas) {
      if (replica.existing === undefined)
        addCreate(planning, fate, replica, {
          after: removalsOf(planning.context, replica.name),
          name: replica.name,
        })
      else {
        if (replica.rename) addRename(planning.context, replica, replica.existing)
        if (!isNew(replica)) addUpdate(planning.context, replica, replica.existing)
        if (replica.adapted.length > 0) addAdapt(planning, fate, replica, replica.existing)
      }
      if (replica.existing !== undefined && replica.obsolete !== undefined)
        addReplace(planning, fate, replica, replica.existing)
    }
    removeInTurn(planning.context, fate)
  }
  freeNames(planning.context, planning.fates)
}

function removeSurplus({ context, images }: ContainerPlanning, fate: ServiceFate): void {
  for (const { container, cause } of fate.surplus) {
    const hooks = container.state === 'running' ? (fate.selected.service.pre_stop ?? []) : []
    const told = addPreStop(context.builder, container, hooks, images, 'remove', cause)
    const drained = { cause, action: 'remove', after: told } as const
    const after =
      container.relief === 'relieved' ? [addDrain(context, container, container.name, drained)] : told
    const step = { cause, action: 'remove', after } as const
    const stop = addStop(context, container, container.name, step)
    if (context.builder.has(removeIdOf(container))) continue
    addRemove(context, container, container.name, { ...step, after: stop === undefined ? images : [stop] })
  }
}

/**
 * Of several that relieved each other the first goes first: an engine knows that one stands aside from who relieved it, and without that one it would
 * count as serving again.
 */
function removeInTurn({ builder, observed }: Context, { selected }: ServiceFate): void {
  const leaving = replicasOf(observed, selected.name).filter(each => builder.has(removeIdOf(each)))
  for (const old of leaving)
    for (const next of old.relief === 'relieved' ? leaving : [])
      if (next !== old && next.labels[LABEL.replace] === old.name)
        builder.addAfter(removeIdOf(next), [removeIdOf(old)])
}

function addRename(context: Context, replica: Replica, existing: ObservedContainer): void {
  context.builder.add({
    type: 'renameContainer',
    id: `container:${replica.name}:rename-back`,
    ...stepBase(
      replica.name,
      {
        cause: isTemporaryName(existing.name, replica.name)
          ? 'left over from a replacement that was cut off'
          : 'it was renamed',
        after: removalsOf(context, replica.name),
        changes: [{ path: 'name', from: existing.name, to: replica.name }],
      },
      'update',
    ),
    container: { name: existing.name, id: existing.id },
    to: replica.name,
  })
}

/** Limits that were changed since it was made. */
function addUpdate(context: Context, { name, ref }: Replica, { drift }: ObservedContainer): void {
  const updated = drift.filter(({ repair }) => repair === 'update')
  if (updated.length === 0) return
  context.builder.add({
    type: 'updateContainer',
    id: updateIdOf(name),
    ...stepBase(name, { cause: UPDATED, after: [], changes: updated.map(driftChange) }, 'update'),
    container: ref,
    fields: Object.fromEntries(updated.map(({ field = '', want }) => [field, want])),
  })
}

/**
 * Create the new one, stop the old one, remove it, give its name to the new one: a failure leaves the old one running. Where it is started beside
 * the old one, it relieves that one before.
 */
function addReplace(
  planning: ContainerPlanning,
  fate: ServiceFate,
  replica: Replica,
  old: ObservedContainer,
): void {
  const { context } = planning
  const { obsolete, name } = replica
  if (obsolete === undefined) return
  const step = {
    cause: obsolete.cause,
    changes: obsolete.changes,
    guard: obsolete.guard,
    action: 'recreate',
  } as const
  if (replica.removeFirst) {
    addCreate(planning, fate, replica, { after: [removeIdOf(old)], name, old })
    return
  }
  const temporary = replacementName(old.id, name)
  const renamed = replica.rename ? [`container:${name}:rename-back`] : []
  const before = [...renamed, ...removalsOf(context, temporary)]
  const create = addCreate(planning, fate, replica, { after: before, name: temporary, old })
  const stopId = stopIdOf(old)
  // A stop that is planned already (for a network that is replaced) comes before the creation, not after it.
  const stop = context.builder.has(stopId)
    ? stopId
    : addStop(context, old, name, {
        ...step,
        after: replica.beside ? addRelief(planning, fate, replica, old, step) : [create],
      })
  if (replica.beside) context.builder.amend(stopId, { relieved: true })
  const after = stop === undefined ? [create] : [create, stop]
  const remove = addRemove(context, old, name, { ...step, after })
  context.builder.add({
    type: 'renameContainer',
    id: `container:${name}:rename`,
    ...stepBase(name, { ...step, after: [remove] }, 'recreate'),
    container: { name, createdBy: create },
    to: name,
  })
}

/** Removals of other containers that hold the name now. */
function removalsOf(context: Context, name: string): string[] {
  const holder = context.observed.containers.find(container => container.name === name)
  const id = holder === undefined ? '' : removeIdOf(holder)
  return context.builder.has(id) ? [id] : []
}
