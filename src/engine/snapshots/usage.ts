import type { DiskUsageResponse } from '../../api/types/index.ts'
import { folderSize } from '../../native/index.ts'
import type { EngineContext } from '../state/context.ts'
import { foldersOf } from '../state/snapshot-record.ts'

/** What snapshots take of the disk: each frozen folder once, however many stand on it. */
export async function snapshotUsage({
  snapshots,
  volumes,
}: Pick<EngineContext, 'snapshots' | 'volumes'>): Promise<Pick<DiskUsageResponse, 'TscomposeSnapshots'>> {
  const base = new Set(volumes.values().flatMap(volume => volume.base ?? []))
  const all = new Set([...snapshots.values().flatMap(foldersOf), ...base])
  if (all.size === 0) return {}
  const sizes = await Promise.all(
    [...all].map(async id => ({ isBase: base.has(id), size: await folderSize(volumes.frozenFolder(id)) })),
  )
  const sum = (some: typeof sizes): number => some.reduce((total, { size }) => total + size, 0)
  const UsedSize = sum(sizes.filter(({ isBase }) => isBase))
  return { TscomposeSnapshots: { Count: snapshots.values().length, Size: sum(sizes), UsedSize } }
}
