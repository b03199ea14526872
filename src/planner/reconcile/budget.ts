import { stepBase } from '../plan/step.ts'
import { budgetChanges, budgetOf, wholeBudget } from '../project/budget.ts'
import type { ContainerPlanning } from './planning.ts'
import { isNew } from './replica.ts'

/**
 * Plans the change of a budget that containers which stay share, one service selected or not: the engine tells it to all of them
 * when one hears it. One that is new brings it along.
 */
export function planBudget({ context, fates }: ContainerPlanning): void {
  const { project, observed, builder } = context
  const wanted = budgetOf(project) ?? wholeBudget({ Name: project.name })
  const going = new Set(
    [...fates.values()].flatMap(({ replicas, surplus }) => [
      ...replicas.filter(isNew).flatMap(({ existing }) => (existing === undefined ? [] : [existing.id])),
      ...surplus.map(({ container }) => container.id),
    ]),
  )
  const found = [...observed.containers]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ id, name, budget }) => {
      const changes = budget === undefined || going.has(id) ? [] : budgetChanges(budget, wanted)
      return changes.length === 0 ? [] : [{ id, name, changes }]
    })[0]
  if (found === undefined) return
  const { id, name, changes } = found
  builder.add({
    type: 'updateContainer',
    id: `container:${name}:budget`,
    ...stepBase(name, { cause: "the project's limits changed", after: [], changes }, 'update'),
    container: { name, id },
    fields: { TscomposeBudget: JSON.stringify(wanted) },
  })
}
