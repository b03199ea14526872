import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, lstat, open, readdir } from 'node:fs/promises'
import { errnoOf } from '../diagnostics/index.ts'

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW

/**
 * Visits everything below a folder, parents first; what is below a folder only where `visit` says true. Each folder is opened
 * beneath the one that holds it, so whoever writes to the tree meanwhile can lead the walk nowhere else, and a path may be of
 * any length: one folder of each level is open. What vanishes is not visited.
 */
export async function walkTree(
  folder: string,
  visit: (path: string, info: BigIntStats) => boolean,
): Promise<void> {
  const top = await unlessGone(open(folder, FOLDER))
  if (top !== undefined) await walkOpen(top, '', visit)
}

async function walkOpen(
  folder: FileHandle,
  path: string,
  visit: (path: string, info: BigIntStats) => boolean,
): Promise<void> {
  const here = `/proc/self/fd/${folder.fd}`
  try {
    // Bytes as latin1: a name that is not UTF-8 must be found again.
    for (const name of await readdir(here, 'latin1')) {
      const place = Buffer.from(`${here}/${name}`, 'latin1')
      const info = await unlessGone(lstat(place, { bigint: true }))
      const below = `${path}/${Buffer.from(name, 'latin1').toString('utf8')}`
      if (info === undefined || !visit(below, info) || !info.isDirectory()) continue
      const child = await unlessGone(open(place, FOLDER))
      if (child !== undefined) await walkOpen(child, below, visit)
    }
  } finally {
    await folder.close()
  }
}

async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) return undefined
    throw error
  }
}
