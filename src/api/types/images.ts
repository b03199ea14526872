import type { ContainerConfig } from './config.ts'
import type { Filters } from './filters.ts'

export interface ImageListOptions {
  /** Intermediate images too. */
  readonly all: boolean
  readonly filters: Filters
  readonly digests: boolean
  readonly sharedSize: boolean
  /** The images that a name has for several platforms, too. */
  readonly manifests: boolean
}

/** One image of those that a name has for several platforms (`manifests=1`). */
export interface ImageManifestSummary {
  readonly ID: string
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number }
  readonly Available: boolean
  readonly Kind: 'image'
  /** Bytes; `Total` has what is unpacked, too. */
  readonly Size: { readonly Content: number; readonly Total: number }
  readonly ImageData: {
    readonly Platform: { readonly os: string; readonly architecture: string; readonly variant?: string }
    /** Ids. */
    readonly Containers: readonly string[]
    readonly Size: { readonly Unpacked: number }
  }
}

export interface ImageSummary {
  /** Digest of the image's config. */
  readonly Id: string
  readonly ParentId: string
  readonly RepoTags: readonly string[]
  readonly RepoDigests: readonly string[]
  /** Unix seconds. */
  readonly Created: number
  /** Bytes. */
  readonly Size: number
  /** −1 when not computed. */
  readonly SharedSize: number
  readonly Labels: Readonly<Record<string, string>> | null
  /** −1 when not computed. */
  readonly Containers: number
  /** Where it was asked for. */
  readonly Manifests?: readonly ImageManifestSummary[]
}

/** `GET /images/{name}/json`. */
export interface ImageInspect {
  readonly Id: string
  readonly RepoTags: readonly string[]
  readonly RepoDigests: readonly string[]
  readonly Parent: string
  readonly Comment: string
  /** RFC 3339. */
  readonly Created?: string
  readonly DockerVersion: string
  readonly Author: string
  /** What is not set is null. */
  readonly Config: { readonly [K in keyof ContainerConfig]: ContainerConfig[K] | null }
  readonly Architecture: string
  readonly Variant?: string
  readonly Os: string
  readonly Size: number
  readonly GraphDriver: { readonly Name: string; readonly Data: Readonly<Record<string, string>> | null }
  readonly RootFS: { readonly Type: 'layers'; readonly Layers: readonly string[] }
  readonly Metadata: { readonly LastTagTime?: string }
  /** Where it was asked for. */
  readonly Manifests?: readonly ImageManifestSummary[]
}

export interface ImageHistoryItem {
  readonly Id: string
  readonly Created: number
  readonly CreatedBy: string
  readonly Tags: readonly string[] | null
  readonly Size: number
  readonly Comment: string
}

/** Credentials for a registry, as `X-Registry-Auth` carries them (base64url JSON). */
export interface AuthConfig {
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly email?: string | undefined
  readonly serveraddress?: string | undefined
  readonly identitytoken?: string | undefined
  readonly registrytoken?: string | undefined
}

/** `POST /auth`. */
export interface AuthResponse {
  readonly Status: string
  /** What is to be kept in the stead of the password; empty where the registry has no such. */
  readonly IdentityToken: string
}

export interface ImageSearchOptions {
  readonly term: string
  readonly limit: number
  readonly filters: Filters
  readonly auth?: AuthConfig
}

/** A repository that a search found, in the words of the hub's own answer. */
export interface ImageSearchItem {
  readonly name: string
  readonly description: string
  readonly star_count: number
  readonly is_official: boolean
  readonly is_automated: boolean
}

export interface ImagePullOptions {
  /** Reference with tag or digest; without either, every tag is meant: clients say `latest` themselves. */
  readonly reference: string
  readonly platform?: string
  readonly auth?: AuthConfig
}

export interface ImagePushOptions {
  readonly tag?: string
  readonly platform?: string
  readonly auth?: AuthConfig
}

export interface ImageRemoveOptions {
  readonly force: boolean
  readonly noprune: boolean
  /** JSON as the API has it: only the images for these, of those that the name has. */
  readonly platforms: readonly string[]
}

/** One line of what a removal did. */
export interface ImageDeleteItem {
  readonly Untagged?: string
  readonly Deleted?: string
}

export interface ImagePruneResponse {
  /** Null where there was nothing to remove. */
  readonly ImagesDeleted: readonly ImageDeleteItem[] | null
  readonly SpaceReclaimed: number
}

/** `POST /images/create` with a source: the tar of a file tree becomes an image. */
export interface ImageImportOptions {
  /** `-`, the body, or a URL. */
  readonly source: string
  readonly repository?: string
  readonly tag?: string
  readonly message: string
  /** Dockerfile instructions. */
  readonly changes: readonly string[]
  readonly platform?: string
}

/** `POST /commit`: a container's file system becomes an image. */
export interface ImageCommitOptions {
  readonly container: string
  readonly repository?: string
  readonly tag?: string
  readonly comment: string
  readonly author: string
  /** Freezes the container meanwhile. */
  readonly pause: boolean
  readonly changes: readonly string[]
  /** Goes before the container's own. */
  readonly config: ContainerConfig
}

/** `GET /distribution/{name}/json`: what a registry has for a name, asked without fetching the image. */
export interface DistributionInspect {
  readonly Descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number }
  readonly Platforms: readonly {
    readonly architecture: string
    readonly os: string
    readonly variant?: string
  }[]
}

export interface ImageCommitResponse {
  readonly Id: string
}
