import type { Docker } from '../client/index.ts'
import { Failure } from '../diagnostics/index.ts'
import { connectRunningEngine, lettingGo, withEngine } from './engine.ts'
import { type Environment, isForeign } from './target.ts'

/**
 * Lists something of an engine: `all`, which its records alone know, so one is started where none is; or only what is `running`, for
 * which there need not be an engine. Errors as of `connectEngine`.
 */
export async function look<T>(
  env: Environment,
  what: 'all' | 'running',
  list: (docker: Docker) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  if (what === 'all') return withEngine(env, list)
  const docker = await connectRunningEngine(env)
  if (docker === undefined) return []
  try {
    return await lettingGo(docker, 'always', () => list(docker))
  } catch (error) {
    if (isForeign(env) || !(error instanceof Failure && error.kind === 'unavailable')) throw error
    // It was about to end, or was killed: whatever runs has a next one.
    return withEngine(env, list)
  }
}
