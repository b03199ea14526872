import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '../diagnostics/index.ts'
import { treeSize } from '../native/index.ts'

/** Bytes on disk of everything below a folder; files of several names count once, what vanishes meanwhile not at all. */
export async function folderSize(folder: string): Promise<number> {
  try {
    return await sizeByPaths(folder)
  } catch (error) {
    // A container has made folders so deep that no path leads there.
    if (errnoOf(error) === 'ENAMETOOLONG') return await treeSize(folder)
    throw error
  }
}

async function sizeByPaths(folder: string): Promise<number> {
  const seen = new Set<bigint>()
  let total = 0
  const visit = async (path: string): Promise<void> => {
    const info = await unlessGone(lstat(path, { bigint: true }))
    if (info === undefined || (info.nlink > 1n && !info.isDirectory() && seen.has(info.ino))) return
    seen.add(info.ino)
    total += Number(info.blocks) * 512
    if (!info.isDirectory()) return
    for (const name of (await unlessGone(readdir(path))) ?? []) await visit(join(path, name))
  }
  await visit(folder)
  return total
}

async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}
