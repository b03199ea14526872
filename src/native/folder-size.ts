import { lstatSync } from 'node:fs'
import { walkTree } from '../linux/walk-tree.ts'
import { treeSize } from './trees.ts'

/** Beyond it a path is the native program's: one folder of each level is open here. */
const LONGEST = 3000

/** Bytes on disk of everything below a folder; files of several names count once, what vanishes meanwhile not at all. */
export async function folderSize(folder: string): Promise<number> {
  const seen = new Set<string>()
  let isDeep = false
  let total = (lstatSync(folder, { throwIfNoEntry: false })?.blocks ?? 0) * 512
  await walkTree(folder, (path, info) => {
    const id = `${info.dev}:${info.ino}`
    if (info.nlink > 1n && !info.isDirectory() && seen.has(id)) return false
    seen.add(id)
    total += Number(info.blocks) * 512
    isDeep ||= path.length > LONGEST
    return !isDeep
  })
  return isDeep ? await treeSize(folder) : total
}
