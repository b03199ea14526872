import type { Duplex, Readable } from 'node:stream'
import type {
  AuthConfig,
  BuildContextAnswer,
  ContainerCreateRequest,
  ContainerInspect,
  ContainerStopResult,
  ContainerSummary,
  ContainerUpdateRequest,
  ContainerUpdateResponse,
  ContainerWaitResponse,
  ExecCreateRequest,
  ExecInspect,
  ImageInspect,
  NetworkConnectRequest,
  NetworkCreateRequest,
  NetworkDisconnectRequest,
  NetworkInspect,
  OwnBuildOptions,
  RepairRequest,
  SameSnapshot,
  Snapshot,
  SnapshotRequest,
  VolumeCreateRequest,
  VolumeInspect,
} from '../api/types/index.ts'

type Filters = Readonly<Record<string, readonly string[]>>

/** A container, as far as the executor uses it. */
export interface DockerContainer {
  readonly id: string
  /** What the engine warned of when it created this one. */
  readonly warnings?: readonly string[]
  inspect(options?: { readonly TscomposeDrift?: boolean }): Promise<ContainerInspect>
  /** `beside`: our engine starts it beside the one whose place it takes. */
  start(options?: { beside?: boolean }): Promise<void>
  /** `told`: our engine says when nobody heeds the signal; others leave it aside. */
  stop(options?: {
    t?: number
    told?: boolean
    abortSignal?: AbortSignal
  }): Promise<ContainerStopResult | undefined>
  restart(options?: { t?: number; abortSignal?: AbortSignal }): Promise<void>
  kill(options?: { signal?: string }): Promise<void>
  pause(): Promise<void>
  unpause(): Promise<void>
  rename(options: { name: string }): Promise<void>
  /** Ours. */
  repair(options: RepairRequest): Promise<void>
  /** Ours. */
  relieve(): Promise<void>
  /** Ours. */
  drain(options: { t?: number; abortSignal?: AbortSignal }): Promise<void>
  update(options: ContainerUpdateRequest): Promise<ContainerUpdateResponse>
  remove(options?: { v?: boolean; force?: boolean }): Promise<void>
  wait(options?: { condition?: string; abortSignal?: AbortSignal }): Promise<ContainerWaitResponse>
  logs(options: {
    follow?: false
    stdout?: boolean
    stderr?: boolean
    tail?: number | string
  }): Promise<Buffer>
  putArchive(
    file: Readable | Uint8Array,
    options: { path: string; copyUIDGID?: boolean; injected?: string; overMounts?: string[] },
  ): Promise<void>
  exec(options: ExecCreateRequest): Promise<{
    start(options?: { hijack?: boolean; Detach?: boolean }): Promise<Duplex>
    inspect(): Promise<ExecInspect>
  }>
}

/**
 * The part of the client that the executor uses, declared here by its consumer: `Docker` of `src/client` satisfies it,
 * and so does the in-process fake of the tests.
 */
export interface Docker {
  getContainer(id: string): DockerContainer
  getNetwork(id: string): {
    inspect(): Promise<NetworkInspect>
    remove(): Promise<void>
    connect(options: NetworkConnectRequest): Promise<void>
    disconnect(options: NetworkDisconnectRequest): Promise<void>
    /** Ours. */
    repair(options: RepairRequest): Promise<void>
  }
  getVolume(name: string): { inspect(): Promise<VolumeInspect>; remove(): Promise<void> }
  getImage(name: string): {
    inspect(): Promise<ImageInspect>
    remove(options?: { force?: boolean }): Promise<unknown>
    push(options: PullCallOptions & { readonly tag: string }): Promise<Readable>
  }
  createContainer(
    options: ContainerCreateRequest & { name?: string; platform?: string },
  ): Promise<DockerContainer>
  createNetwork(options: NetworkCreateRequest): Promise<{ readonly id: string; readonly warning?: string }>
  createVolume(options: VolumeCreateRequest): Promise<VolumeInspect>
  listContainers(options: { all: boolean; filters: Filters }): Promise<readonly ContainerSummary[]>
  listNetworks(options: { filters: Filters }): Promise<readonly NetworkInspect[]>
  listVolumes(options: { filters: Filters }): Promise<{ readonly Volumes: readonly VolumeInspect[] | null }>
  /** Our engine alone answers it; absent where nobody could. */
  snapshot?(options: SnapshotRequest): Promise<Snapshot | SameSnapshot>
  pull(reference: string, options?: PullCallOptions): Promise<Readable>
  buildContext(
    body: Readable | Uint8Array,
    options: { readonly fill: boolean; readonly abortSignal?: AbortSignal },
  ): Promise<BuildContextAnswer>
  buildImage(context: Readable, options: BuildCallOptions): Promise<Readable>
  readonly modem: {
    demuxStream(stream: Readable, stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream): void
  }
}

/** Of `pull`. */
export interface PullCallOptions {
  readonly platform?: string
  readonly authconfig?: AuthConfig
  readonly abortSignal?: AbortSignal
}

/** Of `buildImage`. */
export interface BuildCallOptions {
  readonly t: readonly string[]
  readonly dockerfile: string
  /** Token of a context that the engine keeps. */
  readonly context?: string
  readonly remote?: string | undefined
  readonly nocache?: boolean | undefined
  readonly pull?: boolean | undefined
  readonly buildargs?: Readonly<Record<string, string | null>> | undefined
  readonly labels?: Readonly<Record<string, string>> | undefined
  readonly target?: string | undefined
  readonly platform?: string | undefined
  readonly networkmode?: string | undefined
  readonly extrahosts?: readonly string[] | undefined
  readonly shmsize?: number | undefined
  readonly memory?: number | undefined
  readonly ulimits?: unknown
  readonly cachefrom?: readonly string[] | undefined
  /** Registry → credentials. */
  readonly registryconfig?: Readonly<Record<string, AuthConfig>> | undefined
  /** What only our engine knows. */
  readonly tscompose?: { readonly [K in keyof OwnBuildOptions]?: OwnBuildOptions[K] | undefined } | undefined
  readonly secrets?: Readonly<Record<string, Uint8Array>> | undefined
  readonly abortSignal?: AbortSignal
}
