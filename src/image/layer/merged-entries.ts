import { readlinkSync } from 'node:fs'
import { failure } from '../../diagnostics/index.ts'
import { type MergedEntry, type MergedTree, NOT_UTF8 } from './merged-tree.ts'

/** A file, folder or symlink of a tree. */
export interface TreeEntry extends Pick<MergedEntry, 'stats' | 'hostPath'> {
  /** Relative to the root. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'symlink'
  /** Of a symlink. */
  readonly link: string
}

/**
 * What lies in a tree, folders before what is in them, names in the order of their bytes. Devices, pipes and sockets are left out.
 * Raises EXPORT_NAME for a name that is not UTF-8.
 */
export async function* mergedEntries(tree: MergedTree, folder: string = ''): AsyncGenerator<TreeEntry> {
  const names = (await tree.list(`/${folder}`)).toSorted((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
  for (const name of names) {
    const path = folder === '' ? name : `${folder}/${name}`
    if (name.includes(NOT_UTF8)) throw unnameable(path)
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
  return { path, stats, hostPath, kind, link: kind === 'symlink' ? readlinkSync(hostPath) : '' }
}

function unnameable(path: string): Error {
  return failure({
    code: 'EXPORT_NAME',
    kind: 'invalidArgument',
    summary: `"${path}" cannot be exported: its name is not UTF-8`,
  })
}
