import type { Readable } from 'node:stream'
import type { BuildTrace, ImageBuildOptions } from '../types/index.ts'
import type { BuildClient } from './build-client.ts'

/** Where the context of a build is: a folder of the client, an address, or an archive. */
export type ContextPlace =
  | { readonly folder: string }
  | { readonly address: string }
  | { readonly tar: Readable }

/** Where a further context is. */
export type FurtherPlace =
  | { readonly folder: string }
  | { readonly address: string }
  | { readonly image: string }
  /** What another solve made, which has not ended. */
  | { readonly solved: Solved }

/** A build whose result its caller puts somewhere. */
export interface SolveRequest {
  /** Without tags: those are given to what was made. */
  readonly options: Omit<ImageBuildOptions, 'tags' | 'contexts' | 'context' | 'remote' | 'quiet'>
  readonly context: ContextPlace
  /** The client's folder that has the Dockerfile; absent: the context. */
  readonly dockerfiles?: string
  readonly contexts: Readonly<Record<string, FurtherPlace>>
  /** Caches in stores of the client. */
  readonly clientCaches?: ClientCaches
}

/** Where a build takes steps from and puts its own that its client has; `folder` is what people call it by. */
export interface ClientCaches {
  readonly from: readonly { readonly store: string; readonly folder: string; readonly digest: string }[]
  readonly to: readonly {
    readonly store: string
    readonly folder: string
    readonly mode: 'min' | 'max'
    readonly ignoreError: boolean
  }[]
}

/** What a cache is found by where it was written to: an OCI descriptor. */
export interface CacheManifest {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

/** An entry of what a build made. */
export interface SolvedEntry {
  /** Relative; raw bytes as latin1 text, as the link. Folders stand before what is in them, names in the order of their bytes. */
  readonly path: string
  readonly kind: 'file' | 'folder' | 'symlink'
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Milliseconds since 1970. */
  readonly mtime: number
  readonly link: string
  readonly open: () => AsyncIterable<Uint8Array>
}

/** Tells of work that is done with a result: a line, or bytes more of what is called so. */
export interface SolveWords {
  readonly say: (line: string) => void
  readonly transferred: (id: string, bytes: number) => void
}

/** What a build made for one platform. */
export interface SolvedImage {
  /** The OCI configuration of the image. */
  readonly config: object
  /** `linux/amd64`. */
  readonly platform: string
  readonly facts: SolvedFacts
}

/** What an image was made of. */
export interface SolvedFacts {
  readonly platform: string
  /** Images and addresses that something was taken from, with their digests where they are known: algorithm → hex. */
  readonly materials: readonly { readonly uri: string; readonly digest?: Readonly<Record<string, string>> }[]
  readonly secrets: readonly OutlineMount[]
  readonly agents: readonly OutlineMount[]
}

/** What a build made. It stays until it is ended. */
export interface Solved {
  /** For each platform, in the order that was asked for; the first is what is read from below. */
  readonly images: readonly [SolvedImage, ...SolvedImage[]]
  /** Makes it an image of the store; its id, and the names in their long form. */
  keep(names: readonly string[]): Promise<{ readonly id: string; readonly names: readonly string[] }>
  /** Its files; in a folder for each platform where there are several. */
  entries(): AsyncIterable<SolvedEntry>
  /** Its files as a tar. */
  tar(): Readable
  /** The image as an archive that engines load, with these names. */
  archive(names: readonly string[], attested: boolean): AsyncIterable<Uint8Array>
  /** The bytes of a file in it; undefined when there is none. */
  read(path: string): Promise<Uint8Array | undefined>
  /** Entries at a path, or of a folder. */
  stat(path: string): Promise<SolvedEntry | undefined>
  list(path: string): Promise<readonly SolvedEntry[]>
  /** Has work told among the steps of the build. */
  during<T>(name: string, work: (words: SolveWords) => Promise<T>): Promise<T>
  /** Writes the steps to where they are to go: the manifests, in that order, stores of the client last. */
  exportCaches(): Promise<readonly CacheManifest[]>
  end(): Promise<void>
}

/** Who hears of a build while it runs. */
export interface SolveListener {
  trace(trace: BuildTrace): void
  /** The Dockerfile is here. */
  dockerfile(file: { readonly name: string; readonly text: string }): void
}

/** What is found in a Dockerfile without building it. */
export interface DockerfileReport {
  /** What the rules found. */
  readonly findings: readonly {
    readonly rule: string
    readonly text: string
    readonly line: number | undefined
  }[]
  readonly file: string
  readonly text: string
  /** Number of the stage that is built. */
  readonly target: number
  /** Stages in their order, with the text of their FROM. */
  readonly stages: readonly {
    readonly name: string
    readonly description: string | undefined
    readonly base: string
    readonly line: number
  }[]
  readonly outline: DockerfileOutline
}

/** What can be given to a build: arguments with the values that they have, and what its steps mount. */
export interface DockerfileOutline {
  readonly name: string
  readonly description: string | undefined
  readonly args: readonly {
    readonly name: string
    readonly value: string | undefined
    readonly description: string | undefined
    readonly line: number
  }[]
  readonly secrets: readonly OutlineMount[]
  readonly agents: readonly OutlineMount[]
}

/** A secret or an agent of ssh that a step mounts. */
export interface OutlineMount {
  readonly name: string
  readonly isRequired: boolean
  readonly line: number
}

/** Which image a name stands for. */
export interface WantedImage {
  /** `linux/amd64`; absent: this machine's. */
  readonly platform?: string
  /** The registry is asked for a newer one. */
  readonly isFresh: boolean
}

/** An image's configuration as it is kept: JSON, whose digest is the id. */
export interface ImageConfigAnswer {
  readonly id: string
  readonly bytes: Uint8Array
}

/** What the routes of BuildKit's clients need of an engine. */
export interface SolveBackend {
  /** Builds; raises as the steps fail. */
  solve(
    request: SolveRequest,
    client: BuildClient,
    listener: SolveListener,
    signal: AbortSignal,
  ): Promise<Solved>
  /** The configuration of an image that a client asks for by its name, brought where it is not here. */
  imageConfig(
    reference: string,
    wanted: WantedImage,
    client: BuildClient,
    signal: AbortSignal,
  ): Promise<ImageConfigAnswer>
  /** Reads a Dockerfile alone. */
  report(
    request: SolveRequest,
    client: BuildClient,
    listener: SolveListener,
    signal: AbortSignal,
  ): Promise<DockerfileReport>
}
