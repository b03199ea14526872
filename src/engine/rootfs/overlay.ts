import { basename, dirname } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import type { OutsideOp, Slot } from '../../native/index.ts'

/** Slots that the root needs, handed out by the program's allocator. */
interface SlotSource {
  take(): Slot
}

/** Folders of a root filesystem; see `RootFilesystem`. */
export interface OverlayFolders {
  readonly layers: readonly string[]
  readonly upper: string
  readonly work: string
}

/** Operations that make a detached mount, and its slot. */
export interface DetachedMount {
  readonly ops: readonly OutsideOp[]
  readonly slot: Slot
}

/**
 * The overlay of a container, made of cloned mounts instead of paths, so that mountinfo inside names no host folder.
 * Upper and work come from one clone of their parent, since overlayfs wants them on one mount.
 * Fails with `ROOT_INVALID`.
 */
export function overlayRoot(folders: OverlayFolders, slots: SlotSource): DetachedMount {
  const parent = dirname(folders.upper)
  if (folders.layers.length === 0) throw invalid('an image without layers has no root file system')
  if (dirname(folders.work) !== parent) throw invalid('upper and work are not in one folder')
  const lower = layerTrees(folders.layers, slots)
  const [state, upper, work, slot] = [slots.take(), slots.take(), slots.take(), slots.take()]
  return {
    slot,
    ops: [
      ...lower.ops,
      { op: 'openTree', slot: state, path: parent, recursive: false },
      { op: 'open', slot: upper, fromSlot: state, path: basename(folders.upper), kind: 'folder' },
      { op: 'open', slot: work, fromSlot: state, path: basename(folders.work), kind: 'folder' },
      { op: 'overlay', slot, lowerSlots: lower.slots, upperSlot: upper, workSlot: work },
    ],
  }
}

/** The layers of an image alone, read-only (`type: image` mounts). A single layer needs no overlay. */
export function overlayReadonly(layers: readonly string[], slots: SlotSource): DetachedMount {
  const [only, ...rest] = layers
  if (only === undefined) throw invalid('an image without layers cannot be mounted')
  const slot = slots.take()
  if (rest.length === 0) {
    return { slot, ops: [{ op: 'openTree', slot, path: only, recursive: false, attributes: ['ro'] }] }
  }
  const lower = layerTrees(layers, slots)
  return { slot, ops: [...lower.ops, { op: 'overlay', slot, lowerSlots: lower.slots }] }
}

function layerTrees(
  layers: readonly string[],
  slots: SlotSource,
): { readonly ops: OutsideOp[]; readonly slots: Slot[] } {
  const taken = layers.map(() => slots.take())
  const ops = layers.map(
    (path, index): OutsideOp => ({
      op: 'openTree',
      slot: taken[index] ?? 0,
      path,
      recursive: false,
    }),
  )
  return { ops, slots: taken }
}

function invalid(summary: string): Error {
  return failure({ code: 'ROOT_INVALID', kind: 'invalidArgument', summary })
}
