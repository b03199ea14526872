import { closeSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errnoOf } from '../diagnostics/index.ts'
import { BUILD_FILE, statePaths, TOLD_FILE } from './state-paths.ts'
import type { Environment } from './target.ts'

/** What tells one build of the programs from another; the build writes it. Undefined for sources that are run as they are. */
export function buildOf(engineScript: string): string | undefined {
  return readIfThere(join(dirname(engineScript), '../dist/programs/build'))
}

/**
 * Has whoever typed the command told, once for each engine, that the one which runs is of another build than this: an upgrade
 * leaves it running, and what is new or mended in engines is not in it.
 */
export async function noticeOtherBuild(env: Environment, engineScript: string): Promise<void> {
  const { root, run } = statePaths(env)
  const own = buildOf(engineScript)
  const running = readIfThere(join(run, BUILD_FILE))
  if (own === undefined || !running || running === own || !claim(join(run, TOLD_FILE))) return
  const { keepNotice } = await import('../linux/keep-notice.ts')
  keepNotice(join(root, 'notices'), {
    severity: 'warning',
    code: 'ENGINE_OTHER_BUILD',
    summary: 'the engine that runs is of another build of tscompose than this command',
    hint: 'it ends by itself when no container runs; to replace it now end the process tscomposed: containers go on, and the next command starts one of this build',
  })
}

/** False where somebody else has it, and for who may not write there. */
function claim(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600))
    return true
  } catch (error) {
    if (['EEXIST', 'EACCES', 'EROFS', 'ENOSPC', 'EDQUOT'].includes(errnoOf(error) ?? '')) return false
    throw error
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
