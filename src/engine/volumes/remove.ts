import type { Filters, VolumePruneResponse } from '../../api/types/index.ts'
import { failure } from '../../diagnostics/index.ts'
import { contentSize } from '../../native/index.ts'
import { tellPrune } from '../events/prune-event.ts'
import type { MountRecord } from '../state/container-record.ts'
import type { EngineContext } from '../state/context.ts'
import { discard } from '../state/discards.ts'
import { usesVolume } from '../state/uses.ts'
import { booleanFilter, checkFilters, matchesLabels } from '../words/filters.ts'
import { unmountFileSystem } from './file-systems.ts'
import { SNAPSHOTS_LOCK, sweepFrozen } from './frozen.ts'

/** `DELETE /volumes/{name}`: refused while a container, running or not, mentions it. */
export async function removeVolume(
  engine: EngineContext,
  name: string,
  force: boolean,
  leaving?: string,
): Promise<void> {
  const before = engine.volumes.find(name)?.base
  await engine.locks.run(`volume:${name}`, async () => {
    if (force && engine.volumes.find(name) === undefined) return
    engine.volumes.resolve(name)
    const users = volumeUsers(engine, name, leaving)
    if (users.length > 0) {
      throw failure({
        code: 'VOLUME_IN_USE',
        kind: 'conflict',
        summary: `remove ${name}: volume is in use - [${users.join(', ')}]`,
      })
    }
    await unmountFileSystem(engine, name)
    await discard(engine, engine.volumes.delete(name))
    engine.events.publish({ type: 'volume', action: 'destroy', id: name, attributes: { driver: 'local' } })
  })
  // It may have been the last that stood on them.
  if (before !== undefined) await engine.locks.run(SNAPSHOTS_LOCK, () => sweepFrozen(engine))
}

/** The anonymous volumes of the container `leaving`, which is being removed, as far as nobody else uses them. */
export async function removeAnonymousVolumes(
  engine: EngineContext,
  mounts: readonly MountRecord[],
  leaving: string,
): Promise<void> {
  for (const { name, anonymous } of mounts) {
    if (anonymous !== true || name === undefined || volumeUsers(engine, name, leaving).length > 0) continue
    await removeVolume(engine, name, true, leaving)
  }
}

/** `POST /volumes/prune`: anonymous volumes that nobody uses, with the filter `all` the named ones too. */
export async function pruneVolumes(engine: EngineContext, filters: Filters): Promise<VolumePruneResponse> {
  checkFilters(filters, ['all', 'label', 'label!'])
  const all = booleanFilter(filters, 'all') === true
  const unused = engine.volumes
    .values()
    .filter(
      volume =>
        (all || volume.anonymous) &&
        matchesLabels(volume.labels, filters['label'] ?? []) &&
        !(filters['label!'] ?? []).some(label => matchesLabels(volume.labels, [label])) &&
        volumeUsers(engine, volume.name).length === 0,
    )
  let reclaimed = 0
  for (const volume of unused) {
    reclaimed += await contentSize(engine.volumes.folderOf(volume.name))
    await removeVolume(engine, volume.name, true)
  }
  tellPrune(engine, 'volume', reclaimed)
  return { VolumesDeleted: unused.map(volume => volume.name), SpaceReclaimed: reclaimed }
}

/** Ids of the containers that mention the volume, or are going to, but for one that is being removed. */
export function volumeUsers(engine: EngineContext, name: string, leaving?: string): string[] {
  const users = [...engine.containers.values()]
    .filter(container => usesVolume(container, name))
    .map(container => container.id)
  return [...users, ...engine.holds.ownersOf(`volume:${name}`)].filter(id => id !== leaving)
}
