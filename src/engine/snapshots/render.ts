import type { SavedSnapshot } from '../../api/types/index.ts'
import { folderSize } from '../../native/index.ts'
import type { EngineContext } from '../state/context.ts'
import { foldersOf, type SnapshotRecord } from '../state/snapshot-record.ts'

/** The wire form of a snapshot. */
export async function renderSnapshot(
  { volumes }: Pick<EngineContext, 'volumes'>,
  record: SnapshotRecord,
): Promise<SavedSnapshot> {
  const folders = [...new Set(foldersOf(record))]
  const sizes = await Promise.all(folders.map(id => folderSize(volumes.frozenFolder(id))))
  return {
    Project: record.project,
    Name: record.name,
    Created: record.created,
    ...(record.folder === undefined ? {} : { Folder: record.folder }),
    Volumes: record.volumes.map(({ key }) => key).sort(),
    Roots: record.roots.map(({ service, number }) => `${service}/${number}`).sort(),
    Size: sizes.reduce((sum, size) => sum + size, 0),
  }
}
