import { dirname } from 'node:path/posix'
import type { Native, OutsideOp, Slot } from '../../native/index.ts'
import type { TreeCopy, TreeOperations, TreeUnpack } from './trees.ts'

const FOLDER_MODE = 0o755
/** Slots of the copy's program; the lower folders of the root come after, then those of the source. */
const UPPER: Slot = 0
const WORK: Slot = 1
const ROOT: Slot = 2
const SOURCE: Slot = 3
const FIRST_LAYER = 4

/** Tree operations by the native binary: the overlays are mounted in its own mount namespace and end with it. */
export function nativeTrees(native: Native): TreeOperations {
  return {
    copy: async request => {
      await native.run({ outside: copyOps(request) })
    },
    unpack: (request, fill) => native.unpack({ outside: unpackOps(request) }, fill),
    sync: async folder => {
      await native.run({ outside: [openFolder(ROOT, folder), { op: 'syncFilesystem', slot: ROOT }] })
    },
  }
}

/** The program of a copy. */
function copyOps(request: TreeCopy): readonly OutsideOp[] {
  const { owner, mode } = request
  const ids = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }
  return [
    ...rootOps(request),
    ...sourceOps(request),
    ...foldersOf(request).map(path => ({
      op: 'mkdir' as const,
      slot: ROOT,
      path,
      mode: mode ?? FOLDER_MODE,
      ...ids,
    })),
    ...request.items.map(({ from, to }) => ({
      op: 'copyTree' as const,
      fromSlot: SOURCE,
      from,
      toSlot: ROOT,
      to,
      create: true,
      ...ids,
      ...(mode === undefined ? {} : { mode }),
    })),
  ]
}

/** The program that makes an archive's entries. */
function unpackOps({ root, path, owner, mode }: TreeUnpack): readonly OutsideOp[] {
  const ids = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }
  return [
    ...(root.type === 'folder' ? [openFolder(ROOT, root.folder)] : rootOps(root)),
    ...withParents([path]).map(folder => ({
      op: 'mkdir' as const,
      slot: ROOT,
      path: folder,
      mode: FOLDER_MODE,
      ...ids,
    })),
    { op: 'unpack', slot: ROOT, path, ...ids, ...(mode === undefined ? {} : { mode }) },
  ]
}

function rootOps({ layers, upper, work }: Pick<TreeCopy, 'layers' | 'upper' | 'work'>): OutsideOp[] {
  const lowerSlots = layers.map((_, index) => FIRST_LAYER + index)
  return [
    openFolder(UPPER, upper),
    openFolder(WORK, work),
    ...layers.map((layer, index) => openFolder(FIRST_LAYER + index, layer)),
    { op: 'overlay', slot: ROOT, lowerSlots, upperSlot: UPPER, workSlot: WORK },
  ]
}

function sourceOps({ source, layers }: TreeCopy): OutsideOp[] {
  if (source === undefined) return []
  if (source.type === 'folder') return [openFolder(SOURCE, source.folder)]
  // A stack of one is read as it is: overlay without an upper wants two lower folders.
  const [only] = source.layers
  if (source.layers.length === 1 && only !== undefined) return [openFolder(SOURCE, only)]
  const first = FIRST_LAYER + layers.length
  const lowerSlots = source.layers.map((_, index) => first + index)
  return [
    ...source.layers.map((layer, index) => openFolder(first + index, layer)),
    { op: 'overlay', slot: SOURCE, lowerSlots },
  ]
}

/** Every folder to make, parents first, so that each one that is made gets the owner. */
function foldersOf({ folders, items }: TreeCopy): readonly string[] {
  return withParents([...folders, ...items.map(item => dirname(item.to))])
}

function withParents(paths: readonly string[]): readonly string[] {
  const all = paths.flatMap(path => {
    const names = path.split('/').filter(name => name !== '')
    return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`)
  })
  return [...new Set(all)]
}

function openFolder(slot: Slot, path: string): OutsideOp {
  return { op: 'open', slot, path, kind: 'folder' }
}
