import type { ByteSize, Extensions, Strings } from './values.ts'

/** Kinds of mounts that a service may ask for. */
export type MountType = 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster'

/** `services.*.volumes[]` in long form. */
export interface Mount extends Extensions {
  readonly type: MountType
  /** Absolute host path, key of `volumes`, image name; absent for an anonymous volume and tmpfs. */
  readonly source?: string
  readonly target: string
  readonly read_only?: boolean
  readonly consistency?: string
  readonly bind?: BindOptions
  readonly volume?: VolumeOptions
  readonly tmpfs?: TmpfsOptions
  readonly image?: { readonly subpath?: string } & Extensions
}

/** Options of a bind mount. */
export interface BindOptions extends Extensions {
  readonly propagation?: string
  /** False: a missing source is an error; else it becomes a folder, in the short and in the long form. */
  readonly create_host_path?: boolean
  readonly recursive?: 'enabled' | 'disabled' | 'writable' | 'readonly'
  readonly selinux?: string
}

/** Options of a volume mount. */
export interface VolumeOptions extends Extensions {
  readonly nocopy?: boolean
  readonly subpath?: string
  readonly labels?: Strings
}

/** Options of a tmpfs mount. */
export interface TmpfsOptions extends Extensions {
  readonly size?: ByteSize
  /** Permission bits as a number. */
  readonly mode?: number
}
