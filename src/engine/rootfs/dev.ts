import type { InsideOp, OutsideOp, Slot } from '../../native/index.ts'
import { DEFAULT_NODES, type DeviceNode } from '../security/devices.ts'
import { labelled } from './overlay.ts'

/** Links of /dev, as every program expects them. */
const LINKS: readonly (readonly [string, string])[] = [
  ['fd', '/proc/self/fd'],
  ['stdin', '/proc/self/fd/0'],
  ['stdout', '/proc/self/fd/1'],
  ['stderr', '/proc/self/fd/2'],
  ['ptmx', 'pts/ptmx'],
]

/**
 * Builds /dev outside, as a detached tmpfs with real nodes, for in a user namespace nobody may make nodes. Its ids are those of the
 * container's root, whose number outside is `root`. Folders for the mounts below it are made at once.
 */
export function buildDev(
  slot: Slot,
  shm: SharedMemory,
  nodes: readonly DeviceNode[],
  root: number,
  label?: string,
): OutsideOp[] {
  const folders = shm === 'none' ? ['pts', 'mqueue'] : ['pts', 'shm', 'mqueue']
  return [
    {
      op: 'fsMount',
      slot,
      type: 'tmpfs',
      options: ['mode=0755', 'size=65536k', ...ownedBy(root)],
      attributes: ['nosuid', 'strictatime'],
      ...labelled(label),
    },
    ...folders.map(
      (name): OutsideOp => ({
        op: 'mkdir',
        slot,
        path: name,
        mode: 0o755,
        uid: root,
        gid: root,
      }),
    ),
    ...[...DEFAULT_NODES, ...nodes]
      .filter(node => node.path.startsWith('/dev/'))
      .map(
        (node): OutsideOp => ({
          ...mknod(node),
          slot,
          path: node.path.slice('/dev/'.length),
          uid: root + node.uid,
          gid: root + node.gid,
        }),
      ),
  ]
}

/** The slot of a mount for /dev/shm; `none` is no /dev/shm at all. */
export type SharedMemory = { readonly slot: Slot } | 'none'

/**
 * A fresh /dev/shm of a size in bytes, made outside: in a file system of a user namespace those who join its ipc namespace with the host's
 * users could make nothing. `root` as for `buildDev`.
 */
export function makeSharedMemory(slot: Slot, size: number, root: number, label?: string): OutsideOp {
  return {
    op: 'fsMount',
    slot,
    type: 'tmpfs',
    options: ['mode=1777', `size=${size}`, ...ownedBy(root)],
    attributes: ['nosuid', 'nodev', 'noexec'],
    ...labelled(label),
  }
}

function ownedBy(root: number): string[] {
  return root === 0 ? [] : [`uid=${root}`, `gid=${root}`]
}

/** EPERM and EACCES: in a user namespace the folder of the queues may be nobody's. */
const NOT_OURS = [1, 13]

/**
 * Moves /dev in and mounts what belongs below it. The queues are there before they are mounted, with the label of who made the
 * namespace: so they get theirs behind it.
 */
export function enterDev(
  slot: Slot,
  shm: SharedMemory,
  nodes: readonly DeviceNode[],
  label?: string,
): InsideOp[] {
  return [
    { op: 'moveMount', slot, target: '/dev', create: 'folder' },
    {
      op: 'mount',
      type: 'devpts',
      options: ['newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
      attributes: ['nosuid', 'noexec'],
      target: '/dev/pts',
      ...labelled(label),
    },
    ...(shm === 'none'
      ? []
      : [{ op: 'moveMount', slot: shm.slot, target: '/dev/shm', create: 'folder' } as const]),
    ...LINKS.map(([name, target]): InsideOp => ({ op: 'symlink', path: `/dev/${name}`, target })),
    { op: 'mount', type: 'mqueue', attributes: ['nosuid', 'nodev', 'noexec'], target: '/dev/mqueue' },
    ...(label === undefined
      ? []
      : [{ op: 'relabel', path: '/dev/mqueue', label, ignore: NOT_OURS } as const]),
    // A device asked for outside of /dev lies in the container's own file system.
    ...nodes
      .filter(node => !node.path.startsWith('/dev/'))
      .map(node => ({ ...mknod(node), path: node.path })),
  ]
}

function mknod(node: DeviceNode): Extract<OutsideOp, { op: 'mknod' }> {
  const { type, major, minor, mode, uid, gid, path } = node
  return { op: 'mknod', path, type, major, minor, mode, uid, gid }
}
