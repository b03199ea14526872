import type {
  Filters,
  VolumeCreateRequest,
  VolumeInspect,
  VolumeListOptions,
  VolumeListResponse,
  VolumePruneResponse,
  VolumeRemoveOptions,
} from '../types/index.ts'

/** What the volume routes need of an engine. */
export interface VolumeBackend {
  create(body: VolumeCreateRequest): Promise<VolumeInspect>
  list(options: VolumeListOptions): Promise<VolumeListResponse>
  inspect(name: string): Promise<VolumeInspect>
  remove(name: string, options: VolumeRemoveOptions): Promise<void>
  /** Anonymous ones only, unless the filter `all` is true. */
  prune(filters: Filters): Promise<VolumePruneResponse>
}
