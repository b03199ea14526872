import type { InsideOp, OutsideOp, Slot } from '../../native/index.ts'
import { DEFAULT_NODES, type DeviceNode } from '../security/devices.ts'

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
): OutsideOp[] {
  const folders = shm === 'none' ? ['pts', 'mqueue'] : ['pts', 'shm', 'mqueue']
  return [
    {
      op: 'fsMount',
      slot,
      type: 'tmpfs',
      options: ['mode=0755', 'size=65536k', ...(root === 0 ? [] : [`uid=${root}`, `gid=${root}`])],
      attributes: ['nosuid', 'strictatime'],
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

/** Where /dev/shm comes from: fresh with a size in bytes, or a mount that was opened before; `none` is no /dev/shm at all. */
export type SharedMemory = { readonly size: number } | { readonly slot: Slot } | 'none'

/** Moves /dev in and mounts what belongs below it. */
export function enterDev(slot: Slot, shm: SharedMemory, nodes: readonly DeviceNode[]): InsideOp[] {
  return [
    { op: 'moveMount', slot, target: '/dev', create: 'folder' },
    {
      op: 'mount',
      type: 'devpts',
      options: ['newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
      attributes: ['nosuid', 'noexec'],
      target: '/dev/pts',
    },
    ...(shm === 'none' ? [] : [mountSharedMemory(shm)]),
    ...LINKS.map(([name, target]): InsideOp => ({ op: 'symlink', path: `/dev/${name}`, target })),
    { op: 'mount', type: 'mqueue', attributes: ['nosuid', 'nodev', 'noexec'], target: '/dev/mqueue' },
    // A device asked for outside of /dev lies in the container's own file system.
    ...nodes
      .filter(node => !node.path.startsWith('/dev/'))
      .map(node => ({ ...mknod(node), path: node.path })),
  ]
}

function mountSharedMemory(shm: Exclude<SharedMemory, 'none'>): InsideOp {
  if ('slot' in shm) return { op: 'moveMount', slot: shm.slot, target: '/dev/shm', create: 'folder' }
  return {
    op: 'mount',
    type: 'tmpfs',
    options: ['mode=1777', `size=${shm.size}`],
    attributes: ['nosuid', 'nodev', 'noexec'],
    target: '/dev/shm',
  }
}

function mknod(node: DeviceNode): Extract<OutsideOp, { op: 'mknod' }> {
  const { type, major, minor, mode, uid, gid, path } = node
  return { op: 'mknod', path, type, major, minor, mode, uid, gid }
}
