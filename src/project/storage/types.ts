/** What these functions hand out is what the API says. */
export type {
  BuildCacheItem,
  ContainerSummary,
  ImageDeleteItem,
  ImageHistoryItem,
  ImageSummary,
  VolumeInspect,
  WholeDiskUsage,
} from '../../api/types/index.ts'
