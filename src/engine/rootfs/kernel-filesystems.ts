import type { InsideOp, MountAttribute, Slot } from '../../native/index.ts'
import { labelled } from './overlay.ts'
import type { ShownCgroups } from './shown-cgroups.ts'
import { mountCgroups } from './shown-cgroups.ts'

const SAFE: readonly MountAttribute[] = ['nosuid', 'nodev', 'noexec']

/** How /sys and the control groups are mounted; `writable`: for privileged containers. */
export function accessToSys(writable: boolean): readonly MountAttribute[] {
  return writable ? SAFE : ['ro', ...SAFE]
}

export interface KernelFilesystemOptions {
  /** /sys and the control groups writable: privileged containers. */
  readonly writable: boolean
  readonly cgroups: ShownCgroups
  /**
   * The proc of another container, whose pid namespace is joined. A new one would show the pid namespace of who makes it:
   * that is a process that nobody inside may see yet.
   */
  readonly proc?: Slot
  /** Of SELinux, for what is made beside what the kernel has labels for. */
  readonly label?: string
}

/** /proc, /sys and the control groups, made inside the container's own namespaces. */
export function mountKernelFilesystems(options: KernelFilesystemOptions): InsideOp[] {
  const access = accessToSys(options.writable)
  return [
    options.proc === undefined
      ? { op: 'mount', type: 'proc', attributes: SAFE, target: '/proc' }
      : { op: 'moveMount', slot: options.proc, target: '/proc', create: 'folder' },
    { op: 'mount', type: 'sysfs', attributes: access, target: '/sys' },
    ...mountCgroups(options.cgroups, access, options.label),
  ]
}

/** Hides and protects paths. After the user's mounts, so that none can lie over a mask; a missing path is fine. */
export function maskPaths(
  masked: readonly string[],
  readonly: readonly string[],
  label?: string,
): InsideOp[] {
  return [
    ...readonly.map((path): InsideOp => ({ op: 'bindReadonly', path })),
    ...masked.map((path): InsideOp => ({ op: 'mask', path, ...labelled(label) })),
  ]
}
