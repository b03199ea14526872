/** What these functions hand out is what the API says. */
export type {
  BuildCacheItem,
  ContainerSummary,
  DiskUsageResponse,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageSummary,
  VolumeInspect,
} from '../../api/types/index.ts'
