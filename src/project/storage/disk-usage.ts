import type { DiskUsageResponse } from '../../api/types/index.ts'
import { withEngine } from '../engine.ts'
import { environmentOf, type Target } from '../target.ts'

/** What takes room on the disk of the engine, whatever project it is of. */
export function diskUsage(target: Target): Promise<DiskUsageResponse> {
  return withEngine(environmentOf(target), docker => docker.df())
}
