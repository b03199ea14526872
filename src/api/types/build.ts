import type { Filters } from './filters.ts'
import type { Ulimit } from './host-config.ts'
import type { AuthConfig } from './images.ts'

/** Query of `POST /build`, decoded; the body is the context as a tar (plain or gzip). */
export interface ImageBuildOptions extends OwnBuildOptions {
  /** Path within the context. */
  readonly dockerfile: string
  readonly tags: readonly string[]
  /** URL of a remote context, instead of a body. */
  readonly remote?: string
  readonly quiet: boolean
  readonly noCache: boolean
  readonly cacheFrom: readonly string[]
  readonly pull: boolean
  /** Remove intermediate containers. */
  readonly remove: boolean
  readonly forceRemove: boolean
  /** A `null` value takes the predefined one. */
  readonly buildArgs: Readonly<Record<string, string | null>>
  readonly labels: Readonly<Record<string, string>>
  readonly target?: string
  readonly platform?: string
  readonly networkMode?: string
  readonly extraHosts: readonly string[]
  readonly shmSize?: number
  readonly memory?: number
  readonly ulimits: readonly Ulimit[]
  readonly squash: boolean
  /** Registry → credentials. */
  readonly auth: Readonly<Record<string, AuthConfig>>
  /** Ours: the token of a kept context, to which the body adds the Dockerfile and its ignore rules alone. */
  readonly context?: string
  /** Ours: id → contents, for `RUN --mount=type=secret`. */
  readonly secrets: Readonly<Record<string, Uint8Array>>
}

/** Owner of a secret's file and its mode. */
export interface BuildSecretOwner {
  readonly uid?: string
  readonly gid?: string
  readonly mode?: string
}

/** What other engines' builds do not know. */
export interface OwnBuildOptions {
  /** The Dockerfile is checked and nothing is built; what is found fails the build. */
  readonly check: boolean
  /** Further contexts by name; a `part` is a folder in the tar. */
  readonly contexts: Readonly<Record<string, FurtherBuildContext>>
  /** Of secrets, by id, where a mount says nothing else: numbers, and an octal mode. */
  readonly secretOwners: Readonly<Record<string, BuildSecretOwner>>
  /** Names of stages that take nothing from the cache. */
  readonly noCacheFilter: readonly string[]
  /** What RUN may ask for, as BuildKit calls it. */
  readonly entitlements: readonly ('network.host' | 'security.insecure')[]
  /** Id → socket of an agent, for `RUN --mount=type=ssh`. */
  readonly sshAgents: Readonly<Record<string, string>>
  /** Where steps may be taken from, besides the images of `cacheFrom`. */
  readonly cacheSources: readonly BuildCacheSource[]
  /** Where the steps of this build go. */
  readonly cacheTargets: readonly BuildCacheTarget[]
  /** A statement of where the image comes from is kept with it; `max` with all arguments. */
  readonly provenance?: 'min' | 'max'
  /** It is for images alone: files that are given out come without. */
  readonly provenanceInline?: true
  /** A list of the packages in the image is kept with it. */
  readonly sbom: boolean
  /** Messages tell what happens at each moment, too. */
  readonly traced: boolean
}

/** A cache of a registry, or in a folder of the engine's machine. */
export type BuildCacheSource =
  | { readonly type: 'registry'; readonly reference: string }
  | { readonly type: 'local'; readonly folder: string; readonly tag?: string; readonly digest?: string }

/** `max` has the steps of all stages, `min` those of the image. */
export type BuildCacheTarget =
  | { readonly type: 'inline' }
  | {
      readonly type: 'registry'
      readonly reference: string
      readonly mode: 'min' | 'max'
      readonly ignoreError: boolean
    }
  | {
      readonly type: 'local'
      readonly folder: string
      readonly tag?: string
      readonly mode: 'min' | 'max'
      readonly ignoreError: boolean
    }

/** A context beside the one of the build; `isLocal`: the image was made here, and no registry is asked for it. */
export type FurtherBuildContext =
  | { readonly part: string }
  | { readonly image: string; readonly isLocal?: true }

/**
 * Ours: an entry of a build context as its client sees it. Name, kind, permission bits, mtime in whole seconds, size, what is
 * another whenever the content may be another (empty: never trust it), target of a link. Text is bytes as latin1.
 */
export type BuildContextEntry = readonly [
  name: string,
  type: 'file' | 'folder' | 'symlink' | 'link' | 'fifo' | 'char' | 'block',
  mode: number,
  mtime: number,
  size: number,
  stamp: string,
  link: string,
]

/** Ours: first line of the body of `buildContext`, as JSON; with `fill` a tar follows of the files that were missing. */
export interface BuildContextManifest {
  /** SHA-256, hex: the same for the same folder with the same rules. */
  readonly key: string
  /** Of the folder itself. */
  readonly mtime: number
  /** A folder before what is in it, names sorted by their bytes. */
  readonly entries: readonly BuildContextEntry[]
}

/** Ours: what the engine has of a context. */
export interface BuildContextAnswer {
  /** Places in the manifest of the files whose content it lacks. */
  readonly missing: readonly number[]
  /** For a build's `context`: present when the engine has all. */
  readonly token?: string
}

export interface BuildPruneOptions {
  readonly all: boolean
  readonly filters: Filters
  /** Bytes that may stay. */
  readonly keepBytes?: number
}

export interface BuildPruneResponse {
  readonly CachesDeleted: readonly string[]
  readonly SpaceReclaimed: number
}
