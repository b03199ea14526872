import { rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { errnoOf } from '../diagnostics/index.ts'
import { createNative } from './create.ts'
import type { Native } from './native.ts'
import type { PackItem } from './pack-reader.ts'
import type { OutsideOp } from './program.ts'
import { TreeRemovals } from './tree-removals.ts'

/** Removes a tree that a container has written; nothing there is fine. */
export function removeTree(path: string): Promise<void> {
  return removals.remove(path)
}

const removals = new TreeRemovals({
  one: removeByNode,
  several: async paths => {
    const slots = [...new Set(paths.map(path => dirname(path)))]
    const opened = slots.map((path, slot) => ({ op: 'open', slot, path, kind: 'folder' }) as const)
    const removed = paths.map(path => {
      return { op: 'removeTree', slot: slots.indexOf(dirname(path)), path: basename(path) } as const
    })
    await createNative().run({ outside: [...opened, ...removed] })
  },
})

/**
 * Node removes by paths, which the kernel takes up to 4,096 bytes: what is deeper than that goes by fds, which costs a
 * process.
 */
async function removeByNode(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 2 })
  } catch (error) {
    if (errnoOf(error) !== 'ENAMETOOLONG') throw error
    await run(dirname(path), { op: 'removeTree', slot: 0, path: basename(path) })
  }
}

/** The entries of a folder with their content, the folder itself first and without a name, sorted by the bytes of names. */
export function packTree(folder: string): AsyncIterable<readonly PackItem[]> {
  const open = { op: 'open', slot: 0, path: folder, kind: 'folder' } as const
  return createNative().pack({ outside: [open, { op: 'pack', slot: 0, path: '/' }] })
}

/** Bytes on disk of everything in a folder of any depth; files of several names count once. */
export async function treeSize(folder: string): Promise<number> {
  const { outputs } = await run(folder, { op: 'treeSize', slot: 0, path: '/' })
  return Number(outputs[0]?.readBigUInt64LE() ?? 0n)
}

function run(folder: string, op: OutsideOp): ReturnType<Native['run']> {
  return createNative().run({ outside: [{ op: 'open', slot: 0, path: folder, kind: 'folder' }, op] })
}
