import { createReadStream } from 'node:fs'
import { Failure, failure } from '../../diagnostics/index.ts'
import { nodePath } from '../../linux/name-text.ts'
import { extractTar, isTarArchive, withoutWhiteouts } from '../../tar/index.ts'
import type { MergedEntry } from '../layer/merged-tree.ts'
import type { TreeOperations, TreeUnpack } from '../layer/trees.ts'

/** Whether ADD unpacks a file: it is a tar, plain or compressed. What is compressed but no tar is copied as it is. */
export async function isArchive(path: string): Promise<boolean> {
  const file = createReadStream(nodePath(path))
  try {
    return await isTarArchive(file)
  } finally {
    file.destroy()
  }
}

/** Unpacks an archive with its owners and attributes; messages name it by its path in the tree. Raises ARCHIVE_UNREADABLE. */
export async function addArchive(
  trees: TreeOperations,
  { path, hostPath }: Pick<MergedEntry, 'path' | 'hostPath'>,
  target: TreeUnpack,
): Promise<void> {
  const file = createReadStream(nodePath(hostPath))
  try {
    await trees.unpack(target, sink => extractTar(file, sink, { select: withoutWhiteouts, sparse: true }))
  } catch (error) {
    if (!(error instanceof Failure) || !error.code.startsWith('TAR_')) throw error
    throw failure({
      code: 'ARCHIVE_UNREADABLE',
      summary: `"${path}" cannot be unpacked`,
      detail: error.message,
      cause: error,
    })
  } finally {
    file.destroy()
  }
}
