import { join } from 'node:path'
import type { Diagnostic } from '../../diagnostics/index.ts'
import type { EnginePaths } from '../state/paths.ts'
import type { TrialFolders } from './user-namespace-trial.ts'

/** What TSCOMPOSE_USERNS says: whether containers have user namespaces. A word that is none is told of. */
export function parseUserNamespaces(text: string, warn: (warning: Diagnostic) => void): boolean {
  if (text === 'host') return false
  if (text === '' || text === 'project') return true
  warn({
    severity: 'warning',
    code: 'USERNS_SETTING',
    summary: `TSCOMPOSE_USERNS="${text}" is neither "project" nor "host", and is not heeded`,
  })
  return true
}

/** Folders of this engine to try a start with. */
export function trialFolders(
  { root, initLayer }: Pick<EnginePaths, 'root' | 'initLayer'>,
  kernel: readonly [number, number],
): TrialFolders {
  const folder = join(root, 'trial')
  return { layer: initLayer, upper: join(folder, 'upper'), work: join(folder, 'work'), kernel }
}
