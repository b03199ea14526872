import type { Duplex, Readable } from 'node:stream'
import type { CredentialSource } from '../../oci/credentials.ts'
import type { ImageConfig } from '../config.ts'
import type { ClientFolder, HeldContext } from '../contexts/index.ts'
import type { TreeOperations } from '../layer/trees.ts'
import type { CacheSource, CacheTarget } from '../step-cache/types.ts'
import type { ImageStore } from '../store/types.ts'
import type { BuildEvent } from './event.ts'
import type { CommandRunner, StepLimit } from './runner.ts'

/** Where COPY and ADD take files from: a tar stream (the API's body, gzip allowed) or a folder, which is only read. */
export type BuildContext =
  | { readonly type: 'tar'; readonly stream: Readable }
  /** A kept tree, with the Dockerfile and its ignore rules in a tar beside it: what they hide is not in the tree. */
  | {
      readonly type: 'kept'
      readonly stream: Readable
      readonly kept: Pick<HeldContext, 'folder' | 'digest'>
    }
  /** A folder that whoever asked for the build has: what is needed of it comes when it is needed. */
  | { readonly type: 'client'; readonly folder: ClientFolder }
  /** A git repository, an archive, or a Dockerfile alone, behind an address. */
  | { readonly type: 'address'; readonly address: string }
  | { readonly type: 'folder'; readonly path: string }
  | { readonly type: 'empty' }

/** A further context: a folder of this machine, an image, or a folder in the tar of the context, which is no part of it otherwise. */
export type FurtherContext =
  | { readonly folder: string }
  /** `isLocal`: it was made here, and no registry is asked for it. */
  | { readonly image: string; readonly isLocal?: true }
  | { readonly part: string }
  | { readonly client: ClientFolder }
  | { readonly address: string }
  /** What another build has made, which ends later. */
  | { readonly built: ImageConfig }

/** What the client of a build gives when a step asks for it. */
export interface BuildClient {
  /** The content of a secret; undefined when there is none of that name. */
  secret(id: string): Promise<Uint8Array | undefined>
  /** Opens connections to an ssh agent; undefined when none was given by that name. */
  agent(id: string): Promise<(() => Duplex) | undefined>
}

/** What a RUN may ask for only where the build allows it. */
export type Entitlement = 'network.host' | 'security.insecure'

/** Owner of a secret's file, in numbers, and its mode, octal. */
export interface SecretOwner {
  readonly uid?: string
  readonly gid?: string
  readonly mode?: string
}

/** A build, in the terms of `POST /build`. */
export interface BuildOptions {
  readonly store: ImageStore
  readonly runner: CommandRunner
  readonly trees: TreeOperations
  readonly context: BuildContext
  /** Path of the Dockerfile inside the context; default `Dockerfile`. */
  readonly dockerfile?: string
  /** The Dockerfile's text itself (`dockerfile_inline`, a file outside the context); wins over `dockerfile`. */
  readonly dockerfileText?: string
  /** The folder that the Dockerfile, and ignore rules of its own, are in, where it is not the context. */
  readonly dockerfiles?: ClientFolder
  /** Stage to build, by name or number; the last one by default. */
  readonly target?: string
  /** `linux/amd64`: what is built, this machine's own by default. One image for each, under the same tags. */
  readonly platforms?: readonly string[]
  readonly args?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  /** References that the image gets. */
  readonly tags?: readonly string[]
  readonly noCache?: boolean
  /** Ask the sources for FROM's images even when the store has them. */
  readonly pull?: boolean
  /** Network of RUN: `default`, `none`, `host` or a network's name. */
  readonly network?: string
  /** `name:address` lines. */
  readonly extraHosts?: readonly string[]
  readonly shmSize?: number
  /** Bytes that each RUN may have. */
  readonly memory?: number
  /** Limits of RUN's processes; like the others here they are no part of a cache key. */
  readonly ulimits?: readonly StepLimit[]
  /** Further contexts for FROM, COPY --from and RUN --mount=from, by name; they win over stages and images. */
  readonly contexts?: Readonly<Record<string, FurtherContext>>
  /** Names of stages whose steps run whatever the cache has. */
  readonly noCacheFilter?: readonly string[]
  /** What RUN --network=host and RUN --security=insecure need. */
  readonly entitlements?: readonly Entitlement[]
  /** For RUN --mount=type=ssh, by id: the socket of an agent on this machine. */
  readonly ssh?: Readonly<Record<string, string>>
  /** For RUN --mount=type=secret, by id; never part of a layer or a cache key. */
  readonly secrets?: Readonly<Record<string, Uint8Array>>
  /** Who has the files of secrets, by id, and their modes; what a mount says of its own wins. */
  readonly secretOwners?: Readonly<Record<string, SecretOwner>>
  /** Asked for secrets and agents that were not given. */
  readonly client?: BuildClient
  /** Where steps may be taken from that others have made, and where this build's go. */
  readonly cacheFrom?: readonly CacheSource[]
  readonly cacheTo?: readonly CacheTarget[]
  /** Architectures whose programs this machine runs, besides its own. */
  readonly emulated?: readonly string[]
  /** What is to be said of the image: where it comes from, and the packages in it. */
  readonly provenance?: 'min' | 'max'
  /** The provenance is for images alone: it does not stand beside files that are given out. */
  readonly provenanceInline?: true
  readonly sbom?: boolean
  /** Who the build is to registries. */
  readonly credentials?: CredentialSource
  /** Whether events of type `trace` are told, too. */
  readonly traced?: boolean
  readonly onEvent?: (event: BuildEvent) => void
  /** Told of the Dockerfile when it is here. */
  readonly onDockerfile?: (file: { readonly name: string; readonly text: string }) => void
  readonly signal?: AbortSignal
}

export interface BuildResult {
  /** What the tags mean on this machine. */
  readonly imageId: string
  /** Of each platform, in the order that was asked for. */
  readonly imageIds: readonly string[]
  /** True when no step ran: everything came from the cache. */
  readonly cached: boolean
}
