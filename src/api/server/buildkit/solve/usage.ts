import type { Backend } from '../../../backend/backend.ts'
import type { BuildCacheItem } from '../../../types/index.ts'
import type { Decoded, Encodable } from '../proto/messages.ts'
import { momentOf } from './status.ts'

type Backends = Pick<Backend, 'build' | 'system'>

/** What the build cache keeps, as `docker buildx du` lists it. */
export async function diskUsage({ system }: Backends): Promise<Encodable<'DiskUsageResponse'>> {
  return { record: (await kept(system)).map(recordOf) }
}

async function kept(system: Backends['system']): Promise<readonly BuildCacheItem[]> {
  const { BuildCache } = await system.diskUsage(['build-cache'])
  return BuildCache ?? []
}

function recordOf(item: BuildCacheItem): Encodable<'UsageRecord'> {
  const { ID, Type, Description, InUse, Shared, Size, CreatedAt, LastUsedAt, UsageCount } = item
  return {
    ID,
    Mutable: Type !== 'regular',
    InUse,
    Shared,
    Size,
    Description,
    RecordType: Type,
    UsageCount,
    CreatedAt: momentOf(CreatedAt),
    LastUsedAt: momentOf(LastUsedAt),
  }
}

/** Forgets what the cache keeps, and tells what went. */
export async function* prune(
  { build, system }: Backends,
  request: Decoded<'PruneRequest'>,
): AsyncGenerator<Encodable<'UsageRecord'>> {
  const before = await kept(system)
  const { keepDuration, reservedSpace, maxUsedSpace, all } = request
  const keepBytes = reservedSpace || maxUsedSpace
  const { SpaceReclaimed } = await build.pruneCache({
    all,
    filters: {
      ...filtersOf(request.filter),
      ...(keepDuration > 0 ? { until: [`${keepDuration / 1e9}s`] } : {}),
    },
    ...(keepBytes > 0 ? { keepBytes } : {}),
  })
  const after = await kept(system)
  const left = new Map(after.map(item => [item.ID, item]))
  const gone = before.filter(({ ID, Size }) => (left.get(ID)?.Size ?? -1) < Size)
  let told = 0
  for (const item of gone) {
    const { Size } = item
    const size = Math.min(Size, SpaceReclaimed - told)
    told += size
    yield { ...recordOf(item), Size: size }
  }
}

/** `id==x`, `type==regular` …, of which the cache knows ids. One empty text is what clients send without a filter. */
function filtersOf(filters: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const found: Record<string, string[]> = Object.create(null)
  for (const each of filters.flatMap(filter => filter.split(',')).filter(text => text !== '')) {
    const [, name = each, value = ''] = /^([\w.-]+)(?:==|~=|=)(.*)$/.exec(each) ?? []
    found[name] = [...(found[name] ?? []), value]
  }
  return found
}
