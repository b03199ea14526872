import { basename, dirname } from 'node:path'
import { failure } from '../../diagnostics/index.ts'
import type { OutsideOp, Slot } from '../../native/index.ts'

/** Slots that the root needs, handed out by the program's allocator. */
export interface SlotSource {
  take(): Slot
}

/** Folders of a root filesystem; see `RootFilesystem`. */
export interface OverlayFolders {
  readonly layers: readonly string[]
  readonly upper: string
  readonly work: string
  readonly volatile?: boolean
}

/** User namespace whose ids a mount shows: what lies on disk keeps owners from 0 on. */
export interface IdMap {
  readonly slot: Slot
  /** The host's id of user 0 and of group 0. */
  readonly first: number
}

/** Where the slots of a program come from, and the map of its mounts, if it has one. */
export interface MountContext {
  readonly slots: SlotSource
  readonly ids: IdMap | undefined
  /** Of mounts whose files are somebody's. */
  readonly ownerSlot?: Slot
  /** Of SELinux, for file systems that are made. */
  readonly label?: string
}

/** Field of operations that make a file system. */
export function labelled(label: string | undefined): { readonly label?: string } {
  return label === undefined ? {} : { label }
}

/** Field of `openTree` that maps the ids of the tree. */
export function mappedBy(ids: IdMap | undefined): { readonly usernsSlot?: Slot } {
  return ids === undefined ? {} : { usernsSlot: ids.slot }
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
export function overlayRoot(
  folders: OverlayFolders,
  detached: boolean,
  { slots, ids, label }: MountContext,
): DetachedMount {
  const parent = dirname(folders.upper)
  if (folders.layers.length === 0) throw invalid('an image without layers has no root file system')
  if (dirname(folders.work) !== parent) throw invalid('upper and work are not in one folder')
  // Only of a clone can the ids be mapped; where overlayfs does not take one, the native program attaches it meanwhile.
  const cloned = detached || ids !== undefined
  const lower = openLayers(folders.layers, cloned, { slots, ids })
  const state = slots.take()
  const open = (path: string): OutsideOp & { readonly slot: Slot } =>
    cloned
      ? { op: 'open', slot: slots.take(), fromSlot: state, path: basename(path), kind: 'folder' }
      : { op: 'open', slot: slots.take(), path, kind: 'folder' }
  const upper = open(folders.upper)
  const work = open(folders.work)
  const slot = slots.take()
  return {
    slot,
    ops: [
      ...lower,
      ...(cloned
        ? [
            {
              op: 'openTree',
              slot: state,
              path: parent,
              recursive: false,
              ...mappedBy(ids),
            } satisfies OutsideOp,
          ]
        : []),
      upper,
      work,
      {
        op: 'overlay',
        slot,
        lowerSlots: lower.map(op => op.slot),
        upperSlot: upper.slot,
        workSlot: work.slot,
        ...(ids === undefined ? {} : { asUid: ids.first, asGid: ids.first }),
        ...labelled(label),
        ...(folders.volatile === true ? { volatile: true } : {}),
      },
    ],
  }
}

/** The layers of an image alone, read-only (`type: image` mounts). A single layer needs no overlay. */
export function overlayReadonly(
  layers: readonly string[],
  detached: boolean,
  { slots, ids, label }: MountContext,
): DetachedMount {
  const [only, ...rest] = layers
  if (only === undefined) throw invalid('an image without layers cannot be mounted')
  const slot = slots.take()
  if (rest.length === 0) {
    const tree = { op: 'openTree', slot, path: only, recursive: false, attributes: ['ro'] } as const
    return { slot, ops: [{ ...tree, ...mappedBy(ids) }] }
  }
  const lower = openLayers(layers, detached || ids !== undefined, { slots, ids })
  const overlay = { op: 'overlay', slot, lowerSlots: lower.map(op => op.slot), ...labelled(label) } as const
  return { slot, ops: [...lower, overlay] }
}

function openLayers(
  layers: readonly string[],
  cloned: boolean,
  { slots, ids }: MountContext,
): (OutsideOp & { readonly slot: Slot })[] {
  return layers.map(path =>
    cloned
      ? { op: 'openTree', slot: slots.take(), path, recursive: false, ...mappedBy(ids) }
      : { op: 'open', slot: slots.take(), path, kind: 'folder' },
  )
}

function invalid(summary: string): Error {
  return failure({ code: 'ROOT_INVALID', kind: 'invalidArgument', summary })
}
