import { failure } from '../../diagnostics/index.ts'
import type { InsideOp, MountAttribute, OutsideOp, Slot } from '../../native/index.ts'
import { labelled, type MountContext, mappedBy, overlayReadonly, overlayRoot } from '../rootfs/overlay.ts'
import type {
  BindMount,
  EtcFiles,
  ImageMount,
  Propagation,
  RuntimeFile,
  RuntimeMount,
  TmpfsMount,
} from './spec.ts'
import { tmpfsAttributes, tmpfsOptions } from './tmpfs.ts'

/** What a mount needs in the two stages: made outside, moved to its target inside. */
export interface MountOps {
  readonly outside: readonly OutsideOp[]
  readonly inside: readonly InsideOp[]
}

/** Files of /proc that tools like lxcfs replace; nothing else below /proc may be covered. */
const PROC_FILES = new Set([
  'cpuinfo',
  'diskstats',
  'meminfo',
  'stat',
  'swaps',
  'uptime',
  'loadavg',
  'slabinfo',
])

/**
 * The user's mounts, parents before children, as Docker orders them: by the depth of the target, then as given.
 * `detached`: see `overlayTakesDetached`.
 * Fails with `MOUNT_TARGET_INVALID`.
 */
export function compileMounts(
  mounts: readonly RuntimeMount[],
  detached: boolean,
  context: MountContext,
): MountOps {
  const ordered = mounts
    .map(mount => ({ ...mount, target: checkedTarget(mount.target) }))
    .sort((a, b) => depth(a.target) - depth(b.target))
  return concat(ordered.map(mount => compileMount(mount, detached, context)))
}

/** The engine's own files over those of the image. */
export function compileEtcFiles(etc: EtcFiles, readonly: boolean, context: MountContext): MountOps {
  const files: readonly (readonly [string, string | undefined])[] = [
    ['/etc/resolv.conf', etc.resolvConf],
    ['/etc/hostname', etc.hostname],
    ['/etc/hosts', etc.hosts],
  ]
  return concat(
    files.flatMap(([target, source]) =>
      source === undefined
        ? []
        : [
            openTree(
              { source, target, create: 'file', recursive: false, attributes: readonly ? ['ro'] : [] },
              context,
            ),
          ],
    ),
  )
}

/** Files over whatever is mounted around them, read-only. */
export function compileFiles(files: readonly RuntimeFile[], context: MountContext): MountOps {
  const rest = { create: 'file', recursive: false, attributes: ['ro'] } as const
  return concat(
    files.map(({ source, target }) => openTree({ source, target: checkedTarget(target), ...rest }, context)),
  )
}

function compileMount(mount: RuntimeMount, detached: boolean, context: MountContext): MountOps {
  switch (mount.kind) {
    case 'bind':
    case 'volume':
      return compileBind(mount, context)
    case 'tmpfs':
      return compileTmpfs(mount, context)
    case 'image':
      return compileImage(mount, detached, context)
    default:
      return mount satisfies never
  }
}

function compileBind(mount: BindMount, context: MountContext): MountOps {
  const topOnly = mount.readonly === true && mount.writableBelow === true
  const attributes: MountAttribute[] = mount.readonly && !topOnly ? ['ro'] : []
  const plain = { target: mount.target, create: 'same', attributes, owned: mount.owned === true } as const
  const propagation = mount.propagation ?? 'private'
  if (mount.subpath === undefined) {
    const { outside, inside } = openTree(
      { ...plain, source: mount.source, recursive: mount.recursive ?? true, propagation },
      context,
    )
    return { outside, inside: topOnly ? [...inside, readonlyAlone(mount.target)] : inside }
  }
  const from = context.slots.take()
  const beneath = openTree(
    { ...plain, source: mount.subpath, fromSlot: from, recursive: mount.recursive ?? true, propagation },
    context,
  )
  return {
    outside: [{ op: 'open', slot: from, path: mount.source, kind: 'folder' }, ...beneath.outside],
    inside: beneath.inside,
  }
}

/** Attributes of a cloned tree are those of all its mounts; this one is set on the topmost when it is in its place. */
function readonlyAlone(path: string): InsideOp {
  return { op: 'setAttributes', path, attributes: ['ro'] }
}

/** Made inside: there its ids are those of the container, and what it covers is known. */
function compileTmpfs(mount: TmpfsMount, { label }: MountContext): MountOps {
  const { target } = mount
  const plain = { type: 'tmpfs', options: tmpfsOptions(mount), attributes: tmpfsAttributes(mount) }
  return { outside: [], inside: [{ op: 'mount', ...plain, ...labelled(label), target, modeBelow: true }] }
}

function compileImage(mount: ImageMount, detached: boolean, context: MountContext): MountOps {
  const { layers, changes } = mount
  const whole =
    changes === undefined
      ? overlayReadonly(layers, detached, context)
      : overlayRoot({ layers, ...changes }, detached, context)
  const moved = (slot: Slot): InsideOp => ({ op: 'moveMount', slot, target: mount.target, create: 'same' })
  if (mount.subpath === undefined) return { outside: whole.ops, inside: [moved(whole.slot)] }
  const slot = context.slots.take()
  const attributes: MountAttribute[] = changes === undefined ? ['ro'] : []
  return {
    outside: [
      ...whole.ops,
      { op: 'openTree', slot, path: mount.subpath, fromSlot: whole.slot, recursive: false, attributes },
    ],
    inside: [moved(slot)],
  }
}

interface TreeOptions {
  readonly source: string
  readonly fromSlot?: Slot
  readonly target: string
  readonly create: 'folder' | 'file' | 'same'
  readonly recursive: boolean
  readonly attributes: readonly MountAttribute[]
  readonly propagation?: Propagation
  readonly owned?: boolean
}

function openTree(options: TreeOptions, { slots, ids, ownerSlot }: MountContext): MountOps {
  const { source, fromSlot, target, create, recursive, attributes, propagation, owned } = options
  const slot = slots.take()
  return {
    outside: [
      {
        op: 'openTree',
        slot,
        path: source,
        recursive,
        attributes,
        ...(owned && ownerSlot !== undefined ? { usernsSlot: ownerSlot } : mappedBy(ids)),
        ...(fromSlot === undefined ? {} : { fromSlot }),
        ...(propagation === undefined ? {} : { propagation }),
      },
    ],
    inside: [{ op: 'moveMount', slot, target, create }],
  }
}

/**
 * A mount over `/` would be another root, and one over /proc would take the masks away with it (runc refuses both).
 */
function checkedTarget(target: string): string {
  const parts = target.split('/').filter(part => part !== '' && part !== '.')
  const [first, second] = parts
  const proc = first === 'proc' && !(parts.length === 2 && PROC_FILES.has(second ?? ''))
  if (!target.startsWith('/') || parts.length === 0 || parts.includes('..') || proc) {
    throw failure({
      code: 'MOUNT_TARGET_INVALID',
      kind: 'invalidArgument',
      summary: `nothing can be mounted at ${JSON.stringify(target)} in a container`,
      hint: 'a target is an absolute path without "..", neither / nor below /proc',
    })
  }
  return `/${parts.join('/')}`
}

function depth(target: string): number {
  return target.split('/').length
}

function concat(parts: readonly MountOps[]): MountOps {
  return { outside: parts.flatMap(part => part.outside), inside: parts.flatMap(part => part.inside) }
}
