import type { Filters } from './filters.ts'

/** Body of `POST /volumes/create`; creating one that exists with the same driver answers with it. */
export interface VolumeCreateRequest {
  readonly Name?: string | undefined
  readonly Driver?: string | undefined
  readonly DriverOpts?: Readonly<Record<string, string>> | undefined
  readonly Labels?: Readonly<Record<string, string>> | undefined
}

export interface VolumeInspect {
  readonly Name: string
  readonly Driver: string
  readonly Mountpoint: string
  /** RFC 3339. */
  readonly CreatedAt?: string
  readonly Status?: Readonly<Record<string, unknown>>
  readonly Labels: Readonly<Record<string, string>> | null
  readonly Scope: 'local' | 'global'
  readonly Options: Readonly<Record<string, string>> | null
  /** Only in `system df`. */
  readonly UsageData?: { readonly Size: number; readonly RefCount: number }
}

export interface VolumeListOptions {
  readonly filters: Filters
}

export interface VolumeListResponse {
  readonly Volumes: readonly VolumeInspect[]
  readonly Warnings: readonly string[] | null
}

export interface VolumeRemoveOptions {
  /** No error if it does not exist. */
  readonly force: boolean
}

export interface VolumePruneResponse {
  readonly VolumesDeleted: readonly string[]
  readonly SpaceReclaimed: number
}
