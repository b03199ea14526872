import { type BigIntStats, lstatSync } from 'node:fs'
import { walkTree } from '../linux/walk-tree.ts'
import { treeSize } from './trees.ts'

/** Beyond it a path is the native program's: one folder of each level is open here. */
const LONGEST = 3000

/** Bytes on disk of everything below a folder; files of several names count once, what vanishes meanwhile not at all. */
export async function folderSize(folder: string): Promise<number> {
  return (await folderExtent(folder)).size
}

/** The same, how many files and folders there are, and whether devices 0/0 are among them, which an overlay takes for files that are gone. */
export async function folderExtent(
  folder: string,
): Promise<{ readonly size: number; readonly entries: number; readonly hasWhiteouts: boolean }> {
  let entries = 0
  let hasWhiteouts = false
  const own = (lstatSync(folder, { throwIfNoEntry: false })?.blocks ?? 0) * 512
  const size = await sizeBy(folder, own, info => {
    entries += 1
    hasWhiteouts ||= info.isCharacterDevice() && info.rdev === 0n
    return Number(info.blocks) * 512
  })
  return { size, entries, hasWhiteouts }
}

/** Bytes in the files below a folder, as Docker counts what containers and volumes hold: folders themselves are nothing. */
export async function contentSize(folder: string): Promise<number> {
  return await sizeBy(folder, 0, info => (info.isDirectory() ? 0 : Number(info.size)))
}

async function sizeBy(folder: string, own: number, size: (info: BigIntStats) => number): Promise<number> {
  const seen = new Set<string>()
  let isDeep = false
  let total = own
  await walkTree(folder, (path, info) => {
    const id = `${info.dev}:${info.ino}`
    if (info.nlink > 1n && !info.isDirectory() && seen.has(id)) return false
    seen.add(id)
    total += size(info)
    isDeep ||= path.length > LONGEST
    return !isDeep
  })
  return isDeep ? await treeSize(folder) : total
}
