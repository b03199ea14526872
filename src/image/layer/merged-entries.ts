import { readlinkSync } from 'node:fs'
import { nodePath, textOfName } from '../../linux/name-text.ts'
import type { MergedEntry, MergedTree } from './merged-tree.ts'

/** A file, folder or symlink of a tree. */
export interface TreeEntry extends Pick<MergedEntry, 'stats' | 'hostPath'> {
  /** Relative to the root. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'symlink'
  /** Of a symlink. */
  readonly link: string
}

/** What lies in a tree, folders before what is in them, names in the order of their bytes. Devices, pipes and sockets are left out. */
export async function* mergedEntries(tree: MergedTree, folder: string = ''): AsyncGenerator<TreeEntry> {
  for (const name of await tree.list(`/${folder}`)) {
    const path = folder === '' ? name : `${folder}/${name}`
    const entry = await mergedEntry(tree, path)
    if (entry === undefined) continue
    yield entry
    if (entry.kind === 'folder') yield* mergedEntries(tree, path)
  }
}

/** The entry at a path, links not followed; undefined where there is none. */
export async function mergedEntry(tree: MergedTree, path: string): Promise<TreeEntry | undefined> {
  const found = await tree.findLink(`/${path}`)
  if (found === undefined) return undefined
  const { stats, hostPath } = found
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'symlink'
  if (kind === 'symlink' && !stats.isSymbolicLink()) return undefined
  const link = kind === 'symlink' ? textOfName(readlinkSync(nodePath(hostPath), { encoding: 'buffer' })) : ''
  return { path, stats, hostPath, kind, link }
}
