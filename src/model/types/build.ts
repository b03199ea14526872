// Made of the table ../attributes/build.ts by `npm run build`: change that.
import type { ByteSize, Extensions, Mapping, Strings, Ulimit } from '../values.ts'

/** A secret or config as a service or a build mounts it. */
export interface FileReference extends Extensions {
  /** Name in the top-level section. */
  readonly source: string
  /** Absolute path in the container for services (`/run/secrets/<source>` by default); an id for builds. */
  readonly target?: string
  /** Owner of the file, a number. */
  readonly uid?: string
  /** Group of the file, a number. */
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
  /** The Dockerfile itself. */
  readonly dockerfile_inline?: string
  /** Privileges that the build may use. */
  readonly entitlements?: readonly string[]
  /** Values of ARG instructions. */
  readonly args?: Mapping
  /** Attestation of how the image was made. */
  readonly provenance?: string
  /** Attestation of what the image contains. */
  readonly sbom?: string
  /** SSH agents or keys for RUN --mount=type=ssh. */
  readonly ssh?: readonly string[]
  /** Labels of the image. */
  readonly labels?: Strings
  /** Where to look for cached layers. */
  readonly cache_from?: readonly string[]
  /** Where to write cached layers. */
  readonly cache_to?: readonly string[]
  /** Whether to build every step anew. */
  readonly no_cache?: boolean
  /** Stages to build anew. */
  readonly no_cache_filter?: readonly string[]
  /** Folder, URL, `docker-image://…` or `service:X` by name. */
  readonly additional_contexts?: Strings
  /** Whether to look for newer base images. */
  readonly pull?: boolean
  /** Further host names in RUN instructions. */
  readonly extra_hosts?: readonly string[]
  /** Isolation technology (Windows). */
  readonly isolation?: string
  /** Network of RUN instructions. */
  readonly network?: string
  /** Stage at which to stop. */
  readonly target?: string
  /** Secrets for RUN --mount=type=secret. */
  readonly secrets?: readonly FileReference[]
  /** Size of /dev/shm in RUN instructions. */
  readonly shm_size?: ByteSize
  /** Further names of the image. */
  readonly tags?: readonly string[]
  /** Limits of processes in RUN instructions. */
  readonly ulimits?: Readonly<Record<string, Ulimit>>
  /** Platforms to build for. */
  readonly platforms?: readonly string[]
  /** Whether RUN instructions have all privileges. */
  readonly privileged?: boolean
}
