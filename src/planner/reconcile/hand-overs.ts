import type { ObservedContainer } from '../observed/observed.ts'
import { heldBy, holdersOf } from './held.ts'
import type { ContainerPlanning } from './planning.ts'
import { adaptIdOf, stopIdOf } from './steps.ts'

/**
 * Lets starts wait for those containers that have what they want to stop, or to publish other ports: ports of the host and fixed addresses of networks, which one
 * container can have at a time. Two that change them with each other are both stopped before either starts.
 */
export function planHandOvers({ context, decisions, fates }: ContainerPlanning): void {
  const { builder, observed } = context
  const end = (container: ObservedContainer): string =>
    builder.has(stopIdOf(container)) ? stopIdOf(container) : adaptIdOf(container)
  const leaving = observed.containers.filter(each => builder.has(end(each)))
  if (leaving.length === 0) return
  const held = heldBy(leaving)
  for (const { selected, replicas } of fates.values())
    for (const { name, existing } of replicas) {
      const start = `container:${name}:start`
      if (!builder.has(start)) continue
      const holders = holdersOf(selected.service, decisions.networks, held)
      const ends = [...holders].filter(({ id }) => id !== existing?.id).map(end)
      builder.addAfter(
        start,
        ends.filter(each => !builder.comesAfter(each, start)),
      )
    }
}
