import { storageBytes } from '../../../notation/index.ts'
import type { WholeDiskUsage } from '../../../project/storage/types.ts'
import type { Listing } from '../../views/listing/listing.ts'

/** A kind of what takes room. */
export interface UsageRow {
  readonly type: string
  readonly total: number
  readonly active: number
  readonly size: number
  readonly reclaimable: number
  /** The part of it in the whole is told. */
  readonly hasShare: boolean
}

/** What takes room, by its kinds, as `docker system df` counts it. */
export function usageRows({
  LayersSize,
  Images,
  Containers,
  Volumes,
  BuildCache,
  TscomposeSnapshots: snapshots,
}: WholeDiskUsage): readonly UsageRow[] {
  const used = Images.filter(image => image.Containers > 0)
  const usedSize = sum(used.map(({ Size, SharedSize }) => Size - Math.max(0, SharedSize)))
  const running = Containers.filter(({ State }) => ['running', 'paused', 'restarting'].includes(State))
  const written = (containers: WholeDiskUsage['Containers']): number =>
    sum(containers.map(({ SizeRw = 0 }) => SizeRw))
  const linked = Volumes.filter(({ UsageData }) => (UsageData?.RefCount ?? 0) > 0)
  const volumeSize = (volumes: WholeDiskUsage['Volumes']): number =>
    sum(volumes.map(({ UsageData }) => Math.max(0, UsageData?.Size ?? 0)))
  const cache = BuildCache.filter(({ Shared }) => !Shared)
  const busy = cache.filter(({ InUse }) => InUse)
  const cacheSize = sum(cache.map(({ Size }) => Size))
  return [
    {
      ...{ type: 'Images', total: Images.length, active: used.length, size: LayersSize, hasShare: true },
      reclaimable: Math.max(0, LayersSize - usedSize),
    },
    {
      ...{ type: 'Containers', total: Containers.length, active: running.length, hasShare: true },
      size: written(Containers),
      reclaimable: written(Containers) - written(running),
    },
    {
      ...{ type: 'Local Volumes', total: Volumes.length, active: linked.length, hasShare: true },
      size: volumeSize(Volumes),
      reclaimable: volumeSize(Volumes) - volumeSize(linked),
    },
    {
      ...{ type: 'Build Cache', total: BuildCache.length, active: busy.length, hasShare: false },
      size: cacheSize,
      reclaimable: cacheSize - sum(busy.map(({ Size }) => Size)),
    },
    ...(snapshots === undefined ? [] : [rowOfSnapshots(snapshots)]),
  ]
}

/** What volumes stand on stays when the snapshots go. */
function rowOfSnapshots({
  Count,
  Size,
  UsedSize,
}: NonNullable<WholeDiskUsage['TscomposeSnapshots']>): UsageRow {
  return {
    type: 'Snapshots',
    total: Count,
    active: 0,
    size: Size,
    reclaimable: Size - UsedSize,
    hasShare: true,
  }
}

/** The kinds with the fields of `docker system df`. */
export const USAGE: Listing<UsageRow> = {
  fields: {
    Active: { title: 'ACTIVE', of: ({ active }) => `${active}` },
    Reclaimable: { title: 'RECLAIMABLE', of: reclaimableText },
    Size: { title: 'SIZE', of: ({ size }) => storageBytes(size) },
    TotalCount: { title: 'TOTAL', of: ({ total }) => `${total}` },
    Type: { title: 'TYPE', of: ({ type }) => type },
  },
  columns: ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'],
}

function reclaimableText({ size, reclaimable, hasShare }: UsageRow): string {
  const bytes = storageBytes(reclaimable)
  return hasShare && size > 0 ? `${bytes} (${Math.floor((reclaimable * 100) / size)}%)` : bytes
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
