import { byName, isAlive } from '../observed/find.ts'
import type { ObservedContainer } from '../observed/observed.ts'
import type { Context } from './context.ts'
import { addRemove, addStop, removeIdOf } from './steps.ts'

/**
 * Containers that no service of the file accounts for, and one-offs that have ended. Disabled services are known, so
 * theirs are no orphans; nor are those that are about to go by themselves.
 */
export function findOrphans(context: Context): ObservedContainer[] {
  const { model, disabledServices } = context.project
  const isKnown = (name: string): boolean =>
    model.services[name] !== undefined || disabledServices[name] !== undefined
  return context.observed.containers
    .filter(container => !container.hook && container.autoRemove !== true)
    .filter(container =>
      container.oneOff ? !isAlive(container) && container.state !== 'created' : !isKnown(container.service),
    )
    .filter(container => container.oneOff || container.configHash !== '')
    .sort(byName)
}

/** Warns of orphans, or plans their removal. */
export function reconcileOrphans(context: Context): void {
  const { options, builder } = context
  if (options.ignoreOrphans === true) return
  const orphans = findOrphans(context)
  if (orphans.length === 0) return
  if (options.removeOrphans !== true) {
    builder.warn(
      'ORPHAN_CONTAINERS',
      `found containers that no service of project "${context.project.name}" accounts for: ${orphans.map(({ name }) => name).join(', ')}`,
      'remove them with --remove-orphans, or set COMPOSE_IGNORE_ORPHANS',
    )
    return
  }
  for (const container of orphans) {
    const step = { cause: 'no service accounts for it', action: 'remove', after: [] } as const
    const stop = addStop(context, container, container.name, step)
    if (builder.has(removeIdOf(container))) continue
    addRemove(context, container, container.name, {
      ...step,
      after: stop === undefined ? [] : [stop],
      ...(container.oneOff ? {} : { forget: true }),
    })
  }
}
