import type { OomReport } from '../../../api/types/index.ts'
import { findVictim, readKernelLog } from '../../cgroup/index.ts'
import { publishContainerEvent } from '../../events/container-event.ts'
import type { Container } from '../../state/container.ts'
import type { EngineContext } from '../../state/context.ts'

/** What can be told of it while its groups are there: whom the kernel killed, the most that was used, and of how much. */
export function describeOom(engine: Pick<EngineContext, 'host'>, container: Container): OomReport {
  const { memoryMaxUsage, memoryLimit } = engine.host.cgroups.stats(container.id)
  const victim = findVictim(readKernelLog(), container.id)
  return {
    ...(victim === undefined ? {} : { Victim: victim.name, Pid: victim.pid }),
    ...(memoryMaxUsage === undefined ? {} : { Peak: memoryMaxUsage }),
    ...(memoryLimit === undefined ? {} : { Limit: memoryLimit }),
    ...(victim?.elsewhere ? { Elsewhere: true } : {}),
  }
}

/** Docker's event, with what is known beside its attributes. */
export function tellOom(engine: EngineContext, container: Container, report: OomReport): void {
  const told = { victim: report.Victim, peak: report.Peak, limit: report.Limit }
  const known = Object.entries(told).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)]],
  )
  publishContainerEvent(engine, container, 'oom', Object.fromEntries(known))
}
