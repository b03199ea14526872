/** Operations of the stage `outside`: mounts, cgroups and clocks, made with the privileges of the host. */
import type { MountAttribute, NamespaceKind, Slot } from './values.ts'

/**
 * Opens a namespace of one process, to join it at `launch`. Fails with ESRCH when the number is another process's by now:
 * the program runs again at each restart.
 */
export interface OpenNamespaceOp {
  readonly op: 'openNamespace'
  readonly slot: Slot
  readonly pid: number
  /** Clock ticks since boot. */
  readonly startTime: bigint
  readonly kind: Exclude<NamespaceKind, 'time' | 'net'>
}

/** Opens a path: `folder` O_PATH|O_DIRECTORY, `path` O_PATH, `read` O_RDONLY. Used for cgroups and roots. */
export interface OpenOp {
  readonly op: 'open'
  readonly slot: Slot
  readonly path: string
  readonly kind: 'folder' | 'path' | 'read'
  /** Folder or detached tree beneath which `path` is resolved; a host path when absent. */
  readonly fromSlot?: Slot
  /** Mount namespace (`openNamespace`) beneath whose root `path` is resolved. */
  readonly mountsSlot?: Slot
}

/** Clones the mount tree at a path as a detached mount (open_tree), later moved inside. */
export interface OpenTreeOp {
  readonly op: 'openTree'
  readonly slot: Slot
  readonly path: string
  /** Folder beneath which `path` is resolved (a volume's subpath); a host path when absent. */
  readonly fromSlot?: Slot
  readonly recursive: boolean
  readonly attributes?: readonly MountAttribute[]
  /** `private` unless told; `slave`: later mounts of the host appear; `shared`: and those of the container there. */
  readonly propagation?: 'private' | 'slave' | 'shared'
  /** User namespace whose ids are mapped onto the tree (idmapped mount). */
  readonly usernsSlot?: Slot
  /** Mount namespace of another container (`openNamespace`), beneath whose root `path` is resolved. */
  readonly namespaceSlot?: Slot
  /** Of a control group that the container is shown: what it is, and where on the host, for who tells of it. Not sent. */
  readonly group?: { readonly type: 'cgroup' | 'cgroup2'; readonly path: string }
}

/** Makes a detached file system (tmpfs …), later moved inside. */
export interface FsMountOp {
  readonly op: 'fsMount'
  readonly slot: Slot
  readonly type: string
  /** `key=value` or `flag`. */
  readonly options?: readonly string[]
  readonly attributes?: readonly MountAttribute[]
  /** The label of SELinux of all that is in it; absent: what its files or the policy say. */
  readonly label?: string
}

/** Makes a detached overlay. Without upper and work it is read-only. No host path shows in mountinfo. */
export interface OverlayOp {
  readonly op: 'overlay'
  readonly slot: Slot
  /** Layers, top first, opened before by `open` or `openTree`. */
  readonly lowerSlots: readonly Slot[]
  readonly upperSlot?: Slot
  readonly workSlot?: Slot
  /** Mapped root (host ids) as whom the file system is made, needed when upper is idmapped. */
  readonly asUid?: number
  readonly asGid?: number
  /** As of `FsMountOp`. */
  readonly label?: string
  /** Nothing that is written is waited for until it is on the disk, neither at the unmount nor for who asks for it. Older kernels do it all the same. */
  readonly volatile?: boolean
}

/** Makes a detached FUSE mount with the files of /proc that the monitor's server answers (`procServer`). */
export interface FuseMountOp {
  readonly op: 'fuseMount'
  readonly slot: Slot
  /** As of `FsMountOp`. */
  readonly label?: string
}

/** Idmaps a detached mount that was filled before (a /dev with real nodes). */
export interface IdmapMountOp {
  readonly op: 'idmapMount'
  readonly slot: Slot
  readonly usernsSlot: Slot
}

/**
 * Goes on as root of a user namespace, with nothing of the host's rights: what follows works on what was opened before.
 * `run` mode without a process only.
 */
export interface EnterUsernsOp {
  readonly op: 'enterUserns'
  readonly slot: Slot
}

/** Writes a host file that exists: a cgroup limit, a /proc or /sys value. One write(2) call. */
export interface WriteOp {
  readonly op: 'write'
  readonly path: string
  readonly bytes: Uint8Array | string
  readonly ignore?: readonly number[]
}

/** Writes lines to a host file that exists, one write(2) call each. What it failed at is told with the failure. */
export interface WriteLinesOp {
  readonly op: 'writeLines'
  readonly path: string
  readonly lines: readonly string[]
  /** As of `joinGroup`. */
  readonly slot?: Slot
}

/** Lets the container's clocks (boottime, monotonic) begin at zero. Ignored on kernels without time namespaces. */
export interface NewTimensOp {
  readonly op: 'newTimens'
  /** A process whose clocks they are, by pid and start time; absent: they begin now. ESRCH when it has gone. */
  readonly pid?: number
  readonly startTime?: bigint
}

/** Loads and attaches a BPF_CGROUP_DEVICE program to a v2 cgroup, replacing the one of before. */
export interface DeviceFilterOp {
  readonly op: 'deviceFilter'
  readonly cgroupSlot: Slot
  /** eBPF instructions, 8 bytes each. */
  readonly program: Uint8Array
}
