import type { BuildPruneResponse, Filters, ImageDeleteItem } from '../../api/types/index.ts'
import { withEngine } from '../engine.ts'
import { environmentOf, type Target } from '../target.ts'

export interface PruneBuildsRequest {
  readonly all?: boolean
  readonly filters?: Filters
  /** Bytes that may stay. */
  readonly keepBytes?: number
}

/** Removes what builds have cached. */
export function pruneBuilds(
  target: Target,
  { all = false, filters = {}, keepBytes = 0 }: PruneBuildsRequest = {},
): Promise<BuildPruneResponse> {
  return withEngine(environmentOf(target), docker =>
    docker.pruneBuilder({ all, filters, 'keep-storage': keepBytes }),
  )
}

export interface PruneSystemRequest {
  /** All images that no container is made of, not only those without a name. */
  readonly all?: boolean
  /** Anonymous volumes, too. */
  readonly volumes?: boolean
  readonly filters?: Filters
}

/** What a pruning of everything has removed. */
export interface PrunedSystem {
  readonly containers: readonly string[]
  readonly networks: readonly string[]
  readonly volumes: readonly string[]
  readonly images: readonly ImageDeleteItem[]
  readonly steps: readonly string[]
  /** Bytes. */
  readonly reclaimed: number
}

/** Removes stopped containers, networks that nobody is on, images and cached steps that nobody needs, in Docker's order. */
export function pruneSystem(
  target: Target,
  { all = false, volumes = false, filters = {} }: PruneSystemRequest = {},
): Promise<PrunedSystem> {
  const { until, ...labels } = filters
  return withEngine(environmentOf(target), async docker => {
    const containers = await docker.pruneContainers({ filters })
    const networks = await docker.pruneNetworks({ filters })
    // Volumes have no age, steps of builds no labels.
    const pruned = volumes ? await docker.pruneVolumes({ filters: labels }) : undefined
    const images = await docker.pruneImages({ filters: { dangling: [all ? 'false' : 'true'], ...filters } })
    const hasLabels = Object.keys(labels).length > 0
    const steps = hasLabels ? undefined : await docker.pruneBuilder({ all, filters: until ? { until } : {} })
    return {
      containers: containers.ContainersDeleted ?? [],
      networks: networks.NetworksDeleted ?? [],
      volumes: pruned?.VolumesDeleted ?? [],
      images: images.ImagesDeleted ?? [],
      steps: steps?.CachesDeleted ?? [],
      reclaimed:
        containers.SpaceReclaimed +
        (pruned?.SpaceReclaimed ?? 0) +
        images.SpaceReclaimed +
        (steps?.SpaceReclaimed ?? 0),
    }
  })
}
