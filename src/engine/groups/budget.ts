import type { Budget } from '../../api/types/index.ts'
import { numbersOfDevice } from '../security/index.ts'
import type { Container } from '../state/container.ts'
import type { EngineContext } from '../state/context.ts'
import { budgetOf } from '../terms/group.ts'
import { kernelLimits } from '../terms/limits.ts'

/**
 * Has all containers that share a budget hold to what was said of it last, in the kernel and in their records: whichever of them
 * starts next writes it. Returns what this machine cannot keep; `LIMIT_REFUSED` leaves it as it was.
 */
export function shareBudget(
  { containers, host }: Pick<EngineContext, 'containers' | 'host'>,
  wanted: Budget,
): string[] {
  const sharing = sharingWith(containers, wanted.Name)
  const running = sharing.filter(({ live }) => live !== undefined)
  const members = new Map(
    running.map(({ id, terms }) => [id, kernelLimits(terms.limits, numbersOfDevice)] as const),
  )
  const lost = members.size === 0 ? [] : host.cgroups.updateBudget(budgetOf(wanted), members)
  for (const each of sharing) {
    const { hostConfig } = each.record
    if (JSON.stringify(hostConfig.TscomposeBudget) === JSON.stringify(wanted)) continue
    each.save({ hostConfig: { ...hostConfig, TscomposeBudget: wanted } })
  }
  return lost
}

/** The containers that share the budget of this name. */
export function sharingWith(containers: EngineContext['containers'], name: string): Container[] {
  return [...containers.values()].filter(({ terms }) => terms.group.budget?.name === name)
}
