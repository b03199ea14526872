import type { ObservedContainer } from '../observed/observed.ts'
import { adaptIdOf, addYield } from './adapt.ts'
import { heldBy, holdersOf, portHoldersOf } from './held.ts'
import type { ContainerPlanning } from './planning.ts'
import type { Replica, ServiceFate } from './replica.ts'
import { stopIdOf } from './steps.ts'
import { relieveIdOf } from './updates.ts'

/** One that gets something which one container can have at a time, and the operation by which it does. */
interface Taking {
  readonly fate: ServiceFate
  readonly replica: Replica
  readonly by: string
  /** It runs, and gets other ports: its addresses are its own. */
  readonly runs: boolean
  /** It gets those of the one before it, of a range the same as that one. */
  readonly relieves?: true
}

/**
 * Lets those that start, or get other ports while they run, wait for who has what they want to stop, or to publish other ports: ports of the host and fixed
 * addresses of networks. Of containers that start, two that change such with each other are both stopped before either does; of containers that run,
 * one gives its ports up first.
 */
export function planHandOvers(planning: ContainerPlanning): void {
  const { context, decisions } = planning
  const { builder, observed } = context
  const end = (container: ObservedContainer): string =>
    builder.has(stopIdOf(container)) ? stopIdOf(container) : adaptIdOf(container)
  adaptInBetween(planning)
  const leaving = observed.containers.filter(each => builder.has(end(each)))
  if (leaving.length === 0) return
  const held = heldBy(leaving)
  const all = takings(planning)
  for (const { fate, replica, by, runs, relieves } of all) {
    const { service } = fate.selected
    const holders = runs ? portHoldersOf(service, held) : holdersOf(service, decisions.networks, held)
    for (const holder of holders) {
      if (holder.id === replica.existing?.id) continue
      if (relieves && holder.service === fate.selected.name) continue
      if (!builder.comesAfter(end(holder), by)) builder.addAfter(by, [end(holder)])
      else builder.addAfter(by, yieldOf(planning, all, holder))
    }
  }
}

/** One that is stopped for a moment is adapted meanwhile, and starts with what it is to have. */
function adaptInBetween({ context: { builder }, fates }: ContainerPlanning): void {
  for (const { replicas } of fates.values())
    for (const { existing, name } of replicas) {
      if (existing === undefined || !builder.has(stopIdOf(existing))) continue
      builder.addAfter(adaptIdOf(existing), [stopIdOf(existing)])
      if (builder.has(adaptIdOf(existing))) builder.addAfter(`container:${name}:start`, [adaptIdOf(existing)])
    }
}

function takings({ context: { builder }, fates }: ContainerPlanning): Taking[] {
  return [...fates.values()].flatMap(fate =>
    fate.replicas.flatMap((replica): Taking[] => {
      const { name, existing } = replica
      const relieve = relieveIdOf(name)
      if (builder.has(relieve)) return [{ fate, replica, by: relieve, runs: true, relieves: true }]
      const start = `container:${name}:start`
      if (builder.has(start)) return [{ fate, replica, by: start, runs: false }]
      const adapt = existing === undefined ? '' : adaptIdOf(existing)
      return builder.has(adapt) ? [{ fate, replica, by: adapt, runs: true }] : []
    }),
  )
}

/** The operation by which one that is adapted gives up its ports before all else; none of one that stops. */
function yieldOf(planning: ContainerPlanning, all: readonly Taking[], holder: ObservedContainer): string[] {
  const found = all.find(
    ({ replica, runs, relieves }) => runs && !relieves && replica.existing?.id === holder.id,
  )
  if (found === undefined) return []
  const held = heldBy(planning.context.observed.containers)
  return [addYield(planning, found.fate, found.replica, holder, held)]
}
