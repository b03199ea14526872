import type { ContainerPruneResponse, Filters } from '../../api/types/index.ts'
import { contentSize } from '../../native/index.ts'
import { tellPrune } from '../events/prune-event.ts'
import type { EngineContext } from '../state/context.ts'
import { checkFilters, matchesLabels, untilFilter } from '../words/filters.ts'
import { removeContainer } from './remove.ts'

/** `POST /containers/prune`: every container that does not run. */
export async function pruneContainers(
  engine: EngineContext,
  filters: Filters,
): Promise<ContainerPruneResponse> {
  checkFilters(filters, ['label', 'label!', 'until'])
  const until = untilFilter(filters)
  const deleted: string[] = []
  let reclaimed = 0
  for (const container of [...engine.containers.values()]) {
    const { config, created } = container.record
    if (container.holdsAddresses || (until !== undefined && Date.parse(created) >= until)) continue
    if (!matchesLabels(config.Labels ?? {}, filters['label'] ?? [])) continue
    if ((filters['label!'] ?? []).some(label => matchesLabels(config.Labels ?? {}, [label]))) continue
    const size = await contentSize(container.paths.upper)
    await removeContainer(engine, container, { force: false, volumes: false })
    deleted.push(container.id)
    reclaimed += size
  }
  tellPrune(engine, 'container', reclaimed)
  return { ContainersDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: reclaimed }
}
