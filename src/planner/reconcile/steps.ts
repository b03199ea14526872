import { isAlive } from '../observed/find.ts'
import type { ObservedContainer, ObservedNetwork } from '../observed/observed.ts'
import { type StepOptions, stepBase } from '../plan/step.ts'
import type { Context } from './context.ts'

/**
 * Id of the operation that stops a container, by the name that it has now: what it will be called in the end may be the
 * name of another one that has to go.
 */
export function stopIdOf(container: ObservedContainer): string {
  return `container:${container.name}:stop`
}

/** Id of the operation that removes a container, by the name that it has now. */
export function removeIdOf(container: ObservedContainer): string {
  return `container:${container.name}:remove`
}

/**
 * Plans to stop a container that is there; undefined if nothing runs in it. `name` is the replica's name in the end.
 * A stop that is planned already is used again, and becomes unconditional if this one is.
 */
export function addStop(
  context: Context,
  container: ObservedContainer,
  name: string,
  step: StepOptions,
): string | undefined {
  if (!isAlive(container)) return undefined
  const id = stopIdOf(container)
  if (context.builder.has(id)) {
    context.builder.addAfter(id, step.after)
    if (step.guard === undefined) context.builder.dropGuard(id)
    return id
  }
  const { timeout } = context.options
  return context.builder.add({
    type: 'stopContainer',
    id,
    ...stepBase(name, step, 'restart'),
    container: { name: container.name, id: container.id },
    ...(timeout === undefined ? {} : { timeout }),
  })
}

/** Plans to remove a container that is there, once it is off the networks that are replaced. */
export function addRemove(
  context: Context,
  container: ObservedContainer,
  name: string,
  step: StepOptions & { readonly volumes?: boolean; readonly forget?: true },
): string {
  const disconnects = context.builder.idsFrom(`container:${container.name}:disconnect:`)
  return context.builder.add({
    type: 'removeContainer',
    id: removeIdOf(container),
    ...stepBase(name, { ...step, after: [...step.after, ...disconnects] }, 'remove'),
    container: { name: container.name, id: container.id },
    force: false,
    volumes: step.volumes ?? false,
    ...(step.forget === undefined ? {} : { forget: step.forget }),
  })
}

/** Plans to take a container off a network. */
export function addDisconnect(
  context: Context,
  container: ObservedContainer,
  network: ObservedNetwork,
  step: StepOptions,
): string {
  return context.builder.add({
    type: 'disconnectNetwork',
    id: `container:${container.name}:disconnect:${network.name}`,
    ...stepBase(container.name, step, 'update'),
    container: { name: container.name, id: container.id },
    networkId: network.id,
    force: true,
  })
}
