import type { Ulimit } from './resources.ts'
import type { ByteSize, Extensions, Mapping, Strings } from './values.ts'

/** A secret or config as a service or a build mounts it. */
export interface FileReference extends Extensions {
  readonly source: string
  /** Absolute path in the container for services (`/run/secrets/<source>` by default); an id for builds. */
  readonly target?: string
  readonly uid?: string
  readonly gid?: string
  /** Octal text, `"0440"`. */
  readonly mode?: string
}

/** `services.*.build`: how an image is made. */
export interface Build extends Extensions {
  /** Absolute folder, or a URL; absent where a variable left it blank: such a service cannot be built. */
  readonly context?: string
  /** Relative to the context, or absolute. */
  readonly dockerfile?: string
  readonly dockerfile_inline?: string
  readonly args?: Mapping
  readonly target?: string
  readonly labels?: Strings
  readonly tags?: readonly string[]
  readonly cache_from?: readonly string[]
  readonly cache_to?: readonly string[]
  readonly no_cache?: boolean
  readonly no_cache_filter?: readonly string[]
  readonly pull?: boolean
  /** Folder, URL, `docker-image://…` or `service:X` by name. */
  readonly additional_contexts?: Strings
  readonly secrets?: readonly FileReference[]
  readonly ssh?: readonly string[]
  readonly network?: string
  readonly extra_hosts?: readonly string[]
  readonly shm_size?: ByteSize
  readonly ulimits?: Readonly<Record<string, Ulimit>>
  readonly platforms?: readonly string[]
  readonly privileged?: boolean
  readonly entitlements?: readonly string[]
  readonly isolation?: string
  readonly provenance?: string
  readonly sbom?: string
}
