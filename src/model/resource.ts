import type { Extensions, Strings } from './values.ts'

/** One address pool of a network. */
export interface IpamPool extends Extensions {
  readonly subnet?: string
  readonly gateway?: string
  readonly ip_range?: string
  readonly aux_addresses?: Strings
}

/** A network of the project; `name` is its name in the engine. */
export interface Network extends Extensions {
  readonly name: string
  readonly driver?: string
  readonly driver_opts?: Strings
  readonly ipam: {
    readonly driver?: string
    readonly options?: Strings
    readonly config?: readonly IpamPool[]
  } & Extensions
  /** True: must exist, is never made or removed. */
  readonly external?: boolean
  readonly internal?: boolean
  readonly attachable?: boolean
  readonly labels?: Strings
  readonly enable_ipv4?: boolean
  readonly enable_ipv6?: boolean
}

/** A named volume of the project; `name` is its name in the engine. */
export interface Volume extends Extensions {
  readonly name: string
  readonly driver?: string
  readonly driver_opts?: Strings
  readonly external?: boolean
  readonly labels?: Strings
}

/** Where the bytes of a secret or config come from: exactly one of file, environment, content, unless external. */
interface FileObject extends Extensions {
  readonly name: string
  /** Absolute path. */
  readonly file?: string
  /** Name of a variable. */
  readonly environment?: string
  readonly external?: boolean
  readonly labels?: Strings
  readonly driver?: string
  readonly driver_opts?: Strings
  readonly template_driver?: string
}

/** A secret. */
export interface Secret extends FileObject {
  /** The value of `environment`, resolved; never printed. Absent when the variable is not set. */
  readonly content?: string
}

/** A config. */
export interface Config extends FileObject {
  /** Inline, or the value of `environment`. */
  readonly content?: string
}

/** A language model that services use. */
export interface Model extends Extensions {
  readonly name?: string
  readonly model: string
  readonly context_size?: number
  readonly runtime_flags?: readonly string[]
}
