/** Operations of the stage `inside`: mounts and settings of the new namespaces. */
import type { MountAttribute, Slot } from './values.ts'

/** The mount that becomes `/`. Before it no path beneath the root can be used. */
export interface RootOp {
  readonly op: 'root'
  readonly slot: Slot
}

/** Makes a file system inside the new namespaces (proc, sysfs, devpts, mqueue, cgroup) and mounts it on a folder. */
export interface MountOp {
  readonly op: 'mount'
  readonly type: string
  readonly options?: readonly string[]
  readonly attributes?: readonly MountAttribute[]
  /** Beneath the root; made when missing. */
  readonly target: string
  /** These errno numbers skip the mount (cgroup v1 controllers that are not there). */
  readonly ignore?: readonly number[]
  /** The label of SELinux of all that is in it; absent: what the policy says. */
  readonly label?: string
  /** Its root has the mode of the folder that it covers, unless an option says otherwise; a folder that is made for it is open to all. */
  readonly modeBelow?: boolean
}

/** Moves a detached mount (openTree, fsMount, overlay) onto a path beneath the root. */
export interface MoveMountOp {
  readonly op: 'moveMount'
  readonly slot: Slot
  readonly target: string
  /** What is made, parents included, when the target is missing. */
  readonly create: 'folder' | 'file' | 'same' | 'none'
}

/** Binds a path onto itself with ro, nosuid, nodev, noexec. A missing path is fine. */
export interface BindReadonlyOp {
  readonly op: 'bindReadonly'
  readonly path: string
}

/** Hides a path: /dev/null over a file, an empty read-only tmpfs over a folder. A missing path is fine. */
export interface MaskOp {
  readonly op: 'mask'
  readonly path: string
  /** Of the tmpfs, as of `MountOp`. */
  readonly label?: string
}

/** Puts files of a `fuseMount` over those at the paths of the same places; a path that is not there is fine. */
export interface FuseFilesOp {
  readonly op: 'fuseFiles'
  readonly slot: Slot
  readonly names: readonly string[]
  readonly paths: readonly string[]
}

/** Sets attributes on the mount at a path beneath the root (`/` with `ro` for a read-only root). */
export interface SetAttributesOp {
  readonly op: 'setAttributes'
  readonly path: string
  readonly attributes: readonly MountAttribute[]
}

/** Makes the root `/` and lets go of the host's. */
export interface PivotRootOp {
  readonly op: 'pivotRoot'
}

/** Has a sysctl of the new namespaces say this, through a private proc: `net.core.somaxconn`. In the stage `setup` one of the network namespace. */
export interface SysctlOp {
  readonly op: 'sysctl'
  readonly key: string
  readonly value: string
  readonly ignore?: readonly number[]
}

/** What is written of one sysctl, whoever writes it. */
export type SysctlWrite = Omit<SysctlOp, 'op'>

export interface HostnameOp {
  readonly op: 'hostname'
  readonly name: string
}

export interface DomainnameOp {
  readonly op: 'domainname'
  readonly name: string
}

/** setrlimit; `resource` is the kernel's number (RLIMIT_*), limits may be `RLIM_INFINITY` (2n ** 64n - 1n). */
export interface RlimitOp {
  readonly op: 'rlimit'
  readonly resource: number
  readonly soft: bigint
  readonly hard: bigint
}

export interface UmaskOp {
  readonly op: 'umask'
  readonly mask: number
}
