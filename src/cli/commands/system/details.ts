import { approximateDuration, decimalBytes, storageBytes } from '../../../notation/index.ts'
import type {
  BuildCacheItem,
  ContainerSummary,
  VolumeInspect,
  WholeDiskUsage,
} from '../../../project/storage/types.ts'
import { ellipsis, quoted, shortId } from '../../views/listing/docker-text.ts'
import type { Listing } from '../../views/listing/listing.ts'
import { openFormat } from '../../views/listing/open-format.ts'
import { imageListing, imageRows } from '../image/listing.ts'

const SHOWN = 20

/** Each thing that takes room, kind by kind, as `docker system df -v` tells it. `now`: Unix milliseconds. */
export async function detailsOf(usage: WholeDiskUsage, now: number): Promise<string> {
  const images = {
    ...imageListing({ digests: false, whole: false, counts: true, now }),
    columns: ['Repository', 'Tag', 'ID', 'CreatedSince', 'Size', 'SharedSize', 'UniqueSize', 'Containers'],
  }
  const kept = storageBytes(usage.BuildCache.reduce((sum, { Shared, Size }) => sum + (Shared ? 0 : Size), 0))
  const tables = [
    ['Images space usage', await table(images, firstNames(usage.Images))],
    ['Containers space usage', await table(containers(now), usage.Containers)],
    ['Local Volumes space usage', await table(VOLUMES, usage.Volumes)],
    [`Build cache usage: ${kept}`, await table(steps(now), usage.BuildCache.toSorted(byUse))],
  ] as const
  return tables
    .map(([title, text]) => `${title}${title.startsWith('Build cache') ? '' : ':'}\n\n${text}`)
    .join('\n')
}

/** Each image once, by its first name. */
function firstNames(images: WholeDiskUsage['Images']): ReturnType<typeof imageRows> {
  return images.flatMap(image => imageRows([image], { digests: false }).slice(0, 1))
}

/** The one that was used last comes last. */
function byUse(one: BuildCacheItem, other: BuildCacheItem): number {
  const [used, usedThere] = [one, other].map(({ LastUsedAt }) => String(LastUsedAt ?? ''))
  if (used !== usedThere) return (used ?? '') < (usedThere ?? '') ? -1 : 1
  return one.ID < other.ID ? -1 : 1
}

async function table<T>(listing: Listing<T>, items: readonly T[]): Promise<string> {
  return (await openFormat(listing, 'table'))(items)
}

function containers(now: number): Listing<ContainerSummary> {
  return {
    fields: {
      ID: { title: 'CONTAINER ID', of: ({ Id }) => shortId(Id) },
      Image: { title: 'IMAGE', of: ({ Image }) => Image },
      Command: { title: 'COMMAND', of: ({ Command }) => quoted(ellipsis(Command, SHOWN)) },
      LocalVolumes: {
        title: 'LOCAL VOLUMES',
        of: ({ Mounts }) => `${Mounts.filter(({ Driver }) => Driver === 'local').length}`,
      },
      Size: { title: 'SIZE', of: ({ SizeRw = 0 }) => decimalBytes(SizeRw) },
      CreatedSince: {
        title: 'CREATED',
        of: ({ Created }) => `${approximateDuration(now - Created * 1000)} ago`,
      },
      Status: { title: 'STATUS', of: ({ Status }) => Status },
      Names: { title: 'NAMES', of: ({ Names }) => Names.map(name => name.replace(/^\//, '')).join(',') },
    },
    columns: ['ID', 'Image', 'Command', 'LocalVolumes', 'Size', 'CreatedSince', 'Status', 'Names'],
  }
}

const VOLUMES: Listing<VolumeInspect> = {
  fields: {
    Name: { title: 'VOLUME NAME', of: ({ Name }) => Name },
    Links: { title: 'LINKS', of: ({ UsageData }) => `${UsageData?.RefCount ?? 'N/A'}` },
    Size: {
      title: 'SIZE',
      of: ({ UsageData }) => (UsageData === undefined ? 'N/A' : decimalBytes(UsageData.Size)),
    },
  },
  columns: ['Name', 'Links', 'Size'],
}

function steps(now: number): Listing<BuildCacheItem> {
  const since = (time: string): string => `${approximateDuration(now - Date.parse(time))} ago`
  return {
    fields: {
      ID: { title: 'CACHE ID', of: ({ ID }) => ID.slice(0, 12) },
      CacheType: { title: 'CACHE TYPE', of: ({ Type }) => Type },
      Size: { title: 'SIZE', of: ({ Size }) => decimalBytes(Size) },
      CreatedSince: { title: 'CREATED', of: ({ CreatedAt }) => since(CreatedAt) },
      LastUsedSince: {
        title: 'LAST USED',
        of: ({ LastUsedAt }) => (typeof LastUsedAt === 'string' ? since(LastUsedAt) : ''),
      },
      UsageCount: { title: 'USAGE', of: ({ UsageCount }) => `${UsageCount}` },
      Shared: { title: 'SHARED', of: ({ Shared }) => `${Shared}` },
    },
    columns: ['ID', 'CacheType', 'Size', 'CreatedSince', 'LastUsedSince', 'UsageCount', 'Shared'],
  }
}
