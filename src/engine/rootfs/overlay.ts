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
 * Whether this kernel lets overlayfs stand on detached mounts (clone_private_mount of anonymous namespaces). Before, the
 * layers are opened where they lie; mountinfo inside then shows numbers of descriptors, no paths either.
 */
export function overlayTakesDetached(kernel: readonly [number, number]): boolean {
  return kernel[0] > 6 || (kernel[0] === 6 && kernel[1] >= 15)
}

/**
 * The overlay of a container, made of cloned mounts instead of paths, so that mountinfo inside names no host folder.
 * Upper and work come from one clone of their parent, since overlayfs wants them on one mount.
 * Fails with `ROOT_INVALID`.
 */
export function overlayRoot(folders: OverlayFolders, detached: boolean, slots: SlotSource): DetachedMount {
  const parent = dirname(folders.upper)
  if (folders.layers.length === 0) throw invalid('an image without layers has no root file system')
  if (dirname(folders.work) !== parent) throw invalid('upper and work are not in one folder')
  const lower = openLayers(folders.layers, detached, slots)
  const state = slots.take()
  const open = (path: string): OutsideOp & { readonly slot: Slot } =>
    detached
      ? { op: 'open', slot: slots.take(), fromSlot: state, path: basename(path), kind: 'folder' }
      : { op: 'open', slot: slots.take(), path, kind: 'folder' }
  const upper = open(folders.upper)
  const work = open(folders.work)
  const slot = slots.take()
  return {
    slot,
    ops: [
      ...lower,
      ...(detached
        ? [{ op: 'openTree', slot: state, path: parent, recursive: false } satisfies OutsideOp]
        : []),
      upper,
      work,
      {
        op: 'overlay',
        slot,
        lowerSlots: lower.map(op => op.slot),
        upperSlot: upper.slot,
        workSlot: work.slot,
      },
    ],
  }
}

/** The layers of an image alone, read-only (`type: image` mounts). A single layer needs no overlay. */
export function overlayReadonly(
  layers: readonly string[],
  detached: boolean,
  slots: SlotSource,
): DetachedMount {
  const [only, ...rest] = layers
  if (only === undefined) throw invalid('an image without layers cannot be mounted')
  const slot = slots.take()
  if (rest.length === 0) {
    return { slot, ops: [{ op: 'openTree', slot, path: only, recursive: false, attributes: ['ro'] }] }
  }
  const lower = openLayers(layers, detached, slots)
  return { slot, ops: [...lower, { op: 'overlay', slot, lowerSlots: lower.map(op => op.slot) }] }
}

function openLayers(
  layers: readonly string[],
  detached: boolean,
  slots: SlotSource,
): (OutsideOp & { readonly slot: Slot })[] {
  return layers.map(path =>
    detached
      ? { op: 'openTree', slot: slots.take(), path, recursive: false }
      : { op: 'open', slot: slots.take(), path, kind: 'folder' },
  )
}

function invalid(summary: string): Error {
  return failure({ code: 'ROOT_INVALID', kind: 'invalidArgument', summary })
}
