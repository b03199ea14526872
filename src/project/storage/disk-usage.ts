import type { WholeDiskUsage } from '../../api/types/index.ts'
import { withEngine } from '../engine.ts'
import { environmentOf, type Target } from '../target.ts'

/** What takes room on the disk of the engine, whatever project it is of. */
export function diskUsage(target: Target): Promise<WholeDiskUsage> {
  return withEngine(environmentOf(target), async docker => {
    const { Images, Containers, Volumes, BuildCache, ...usage } = await docker.df()
    // An old engine has no word for what there is nothing of.
    return {
      ...usage,
      Images: Images ?? [],
      Containers: Containers ?? [],
      Volumes: Volumes ?? [],
      BuildCache: BuildCache ?? [],
    }
  })
}
