// Made of the table ../attributes/mount.ts by `npm run build`: change that.
import type { ByteSize, Extensions, Strings } from '../values.ts'

/** Kinds of mounts that a service may ask for. */
export type MountType = 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster'

/** What becomes of the mounts below a bind mount. */
export type BindRecursion = 'enabled' | 'disabled' | 'writable' | 'readonly'

/** Options of a bind mount. */
export interface BindOptions extends Extensions {
  /** Relabel: z shared, Z private. */
  readonly selinux?: string
  /** Whether mounts made below are seen on the other side. */
  readonly propagation?: string
  /** False: a missing source is an error; else it becomes a folder, in the short and in the long form. */
  readonly create_host_path?: boolean
  /** Whether mounts below come along. */
  readonly recursive?: BindRecursion
}

/** Options of a volume mount. */
export interface VolumeOptions extends Extensions {
  /** Labels of an anonymous volume. */
  readonly labels?: Strings
  /** Whether an empty volume stays empty and is not filled from the image. */
  readonly nocopy?: boolean
  /** Folder of the volume to mount. */
  readonly subpath?: string
}

/** Options of a tmpfs mount. */
export interface TmpfsOptions extends Extensions {
  /** Most bytes that it holds. */
  readonly size?: ByteSize
  /** Permission bits as a number. */
  readonly mode?: number
}

/** Options of an image mount. */
export interface ImageOptions extends Extensions {
  /** Folder of the image to mount. */
  readonly subpath?: string
}

/** `services.*.volumes[]` in long form. */
export interface Mount extends Extensions {
  /** Kind of mount: a folder of the host, a volume, memory, another image. */
  readonly type: MountType
  /** Absolute host path, key of `volumes`, image name; absent for an anonymous volume and tmpfs. */
  readonly source?: string
  /** Path in the container. */
  readonly target: string
  /** Whether it cannot be written to. */
  readonly read_only?: boolean
  /** Accepted and ignored on Linux. */
  readonly consistency?: string
  /** Options of a bind mount. */
  readonly bind?: BindOptions
  /** Options of a volume mount. */
  readonly volume?: VolumeOptions
  /** Options of a tmpfs mount. */
  readonly tmpfs?: TmpfsOptions
  /** Options of an image mount. */
  readonly image?: ImageOptions
}
