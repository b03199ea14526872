import type { Finding } from '../doctor/finding.ts'
import { statePaths } from './state-paths.ts'
import { environmentOf, type Target } from './target.ts'

export type { Area, Finding, FindingStatus } from '../doctor/finding.ts'

/**
 * What this machine has and lacks for an engine with the target's ROOT and RUN, and what follows; and whether registries
 * give what the target's files, if there are any, take from them. It needs no engine; what only root can try is not tried for others.
 */
export async function doctor(target: Target = {}): Promise<readonly Finding[]> {
  const env = environmentOf(target)
  // No other command has use for it.
  const [{ examine, thisMachine }, { examineImageSources }] = await Promise.all([
    import('../doctor/index.ts'),
    import('./image-sources.ts'),
  ])
  const registries = examineImageSources(target)
  return [...(await examine(thisMachine(statePaths(env), env['PATH']))), ...(await registries)]
}
