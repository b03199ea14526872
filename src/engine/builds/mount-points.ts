import { lstatSync, rmdirSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { errnoOf } from '../../diagnostics/index.ts'

/** What every container gets made in its writable layer to mount onto. */
const ALWAYS = [
  '/proc',
  '/sys',
  '/dev',
  '/etc/hosts',
  '/etc/hostname',
  '/etc/resolv.conf',
  '/.dockerenv',
  '/etc/mtab',
]

/**
 * Removes from a step's writable layer what was made there only to mount onto: empty files and folders, the link
 * /etc/mtab. The container is dead, so nothing can change underneath; a folder on the way that the step has replaced by
 * a link is not followed, since it would lead out of the layer.
 */
export function removeMountPoints(upper: string, targets: readonly string[]): void {
  for (const target of [...ALWAYS, ...targets]) {
    if (isPlainFolder(upper, dirname(target))) removeEmpty(join(upper, target))
  }
}

/** Whether every component below `upper` is a real folder. */
function isPlainFolder(upper: string, path: string): boolean {
  if (path === '/' || path === '.') return true
  return isPlainFolder(upper, dirname(path)) && (lstatOf(join(upper, path))?.isDirectory() ?? false)
}

function removeEmpty(path: string): void {
  const info = lstatOf(path)
  if (info === undefined) return
  try {
    if (info.isDirectory()) rmdirSync(path)
    else if ((info.isFile() && info.size === 0) || path.endsWith('/etc/mtab')) unlinkSync(path)
  } catch (error) {
    // Something lies in the folder: then it belongs to the step.
    if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'EEXIST') throw error
  }
}

function lstatOf(path: string): ReturnType<typeof lstatSync> {
  try {
    return lstatSync(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}
