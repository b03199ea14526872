import type { OomReport } from '../../../api/types/index.ts'
import { findVictim, readKernelLog } from '../../cgroup/index.ts'
import { publishContainerEvent } from '../../events/container-event.ts'
import { sharingWith } from '../../groups/budget.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'

/** What can be told of it while its groups are there: whom the kernel killed, the most that was used, and of how much. */
export function describeOom(
  engine: Pick<EngineContext, 'host' | 'containers'>,
  container: Container,
): OomReport {
  const { cgroups } = engine.host
  const victim = findVictim(readKernelLog(), container.id)
  const shared = victim?.ofBudget === true ? cgroups.budgetStats(container.id) : undefined
  const { memoryMaxUsage, memoryLimit } = shared ?? cgroups.stats(container.id)
  return {
    ...(victim === undefined ? {} : { Victim: victim.name, Pid: victim.pid }),
    ...(memoryMaxUsage === undefined ? {} : { Peak: memoryMaxUsage }),
    ...(memoryLimit === undefined ? {} : { Limit: memoryLimit }),
    ...(victim?.elsewhere ? { Elsewhere: true } : {}),
    ...(shared === undefined ? {} : budgetFacts(engine, container)),
  }
}

/** Whose budget it was, and what the others have of it. */
function budgetFacts(
  { containers, host }: Pick<EngineContext, 'host' | 'containers'>,
  container: Container,
): Pick<OomReport, 'Budget' | 'Others'> {
  const name = container.terms.group.budget?.name ?? ''
  const used = sharingWith(containers, name)
    .filter(({ id, live }) => id !== container.id && live !== undefined)
    .map(other => [other.name, host.cgroups.stats(other.id).memoryUsage ?? 0] as const)
  return { Budget: name, Others: Object.fromEntries(used) }
}

/** Docker's event, with what is known beside its attributes. */
export function tellOom(engine: EngineContext, container: Container, report: OomReport): void {
  const others = Object.entries(report.Others ?? {}).map(([name, used]) => `${name}=${used}`)
  const told = {
    victim: report.Victim,
    peak: report.Peak,
    limit: report.Limit,
    elsewhere: report.Elsewhere,
    budget: report.Budget,
    others: others.length === 0 ? undefined : others.join(' '),
  }
  const known = Object.entries(told).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  )
  publishContainerEvent(engine, container, 'oom', Object.fromEntries(known))
}
