import type { VolumeBackend } from '../../api/backend/volumes.ts'
import type {
  Filters,
  VolumeCreateRequest,
  VolumeInspect,
  VolumeListOptions,
  VolumeListResponse,
  VolumePruneResponse,
  VolumeRemoveOptions,
} from '../../api/types/index.ts'
import type { EngineContext } from '../state/context.ts'
import type { VolumeRecord } from '../state/volume-record.ts'
import { createVolume } from '../volumes/create.ts'
import { pruneVolumes, removeVolume, volumeUsers } from '../volumes/remove.ts'
import { booleanFilter, checkFilters, matchesLabels, matchesName } from '../words/filters.ts'

/** Volumes by name. */
export class Volumes implements VolumeBackend {
  readonly #engine: EngineContext

  constructor(engine: EngineContext) {
    this.#engine = engine
  }

  async create(body: VolumeCreateRequest): Promise<VolumeInspect> {
    return renderVolume(this.#engine, createVolume(this.#engine, body))
  }

  async list(options: VolumeListOptions): Promise<VolumeListResponse> {
    const { filters } = options
    checkFilters(filters, ['name', 'label', 'driver', 'dangling'])
    const dangling = booleanFilter(filters, 'dangling')
    const found = this.#engine.volumes
      .values()
      .filter(
        volume =>
          (filters['name'] === undefined || matchesName(volume.name, filters['name'])) &&
          matchesLabels(volume.labels, filters['label'] ?? []) &&
          (filters['driver'] === undefined || filters['driver'].includes(volume.driver)) &&
          (dangling === undefined || (volumeUsers(this.#engine, volume.name).length === 0) === dangling),
      )
    return { Volumes: found.map(volume => renderVolume(this.#engine, volume)), Warnings: null }
  }

  async inspect(name: string): Promise<VolumeInspect> {
    return renderVolume(this.#engine, this.#engine.volumes.resolve(name))
  }

  remove(name: string, options: VolumeRemoveOptions): Promise<void> {
    return removeVolume(this.#engine, name, options.force)
  }

  prune(filters: Filters): Promise<VolumePruneResponse> {
    return pruneVolumes(this.#engine, filters)
  }
}

/** The wire form of a volume. */
export function renderVolume(engine: EngineContext, volume: VolumeRecord): VolumeInspect {
  return {
    Name: volume.name,
    Driver: volume.driver,
    Mountpoint: engine.volumes.dataOf(volume),
    // Docker tells whole seconds here alone.
    CreatedAt: volume.created.replace(/\.\d+Z$/, 'Z'),
    Labels: Object.keys(volume.labels).length === 0 ? null : volume.labels,
    Scope: 'local',
    Options: Object.keys(volume.options).length === 0 ? null : volume.options,
  }
}
