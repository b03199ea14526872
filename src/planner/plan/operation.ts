import type { Build, Hook, Network, PreStartHook, Service, Volume } from '../../model/index.ts'
import type { ObservedMount } from '../observed/observed.ts'
import type { Labels } from '../project/labels.ts'
import type { SecretValues } from '../spec/secrets.ts'
import type { ContainerRef, OperationBase } from './operation-base.ts'

export type { Action, ContainerRef, Guard, Resource, UpdatePart } from './operation-base.ts'

/** Containers whose namespaces a new container joins, by the attribute that asks for it. */
export interface ParentRefs {
  readonly network?: ContainerRef
  readonly ipc?: ContainerRef
  readonly pid?: ContainerRef
  readonly uts?: ContainerRef
  readonly volumes: readonly { readonly container: ContainerRef; readonly mode: string }[]
  /** On the default bridge, which has no names. */
  readonly links?: readonly ContainerLink[]
}

/** What a container alone calls another. */
export interface ContainerLink {
  readonly container: ContainerRef
  readonly alias: string
}

/** A network that a container is attached to; the first of a list is its primary network. */
export interface Attachment {
  /** The key in the Compose file; the attachment's own settings are in `service.networks[key]`. */
  readonly key: string
  /** The engine's name of the network. */
  readonly network: string
  readonly aliases: readonly string[]
  /** `container:alias`, of `links` and `external_links`: names that this container alone sees. */
  readonly links: readonly string[]
}

export interface CreateNetwork extends OperationBase {
  readonly type: 'createNetwork'
  readonly network: Network
  /** All labels, the user's and ours. */
  readonly labels: Labels
}

export interface RemoveNetwork extends OperationBase {
  readonly type: 'removeNetwork'
  readonly networkId: string
}

export interface CreateVolume extends OperationBase {
  readonly type: 'createVolume'
  readonly volume: Volume
  readonly labels: Labels
}

export interface RemoveVolume extends OperationBase {
  readonly type: 'removeVolume'
}

/** Why a pull would fail, as its registry says when the plan is made; `no answer`: it may yet have the image. */
export type PullAnswer = 'not found' | 'access denied' | 'unreachable' | 'no answer'

export interface PullImage extends OperationBase {
  readonly type: 'pullImage'
  readonly reference: string
  readonly platform?: string
  /** A build operation with the same image follows if the pull fails: the failure is a warning, not an error. */
  readonly fallback?: 'build' | 'local'
  /** The service whose build makes the image, which nobody has asked for: who finds no image is told of it. */
  readonly builtBy?: string
  /** Of a plan that is to be shown; absent where the image can be had, or nobody was asked. */
  readonly registryAnswer?: PullAnswer
}

export interface PushImage extends OperationBase {
  readonly type: 'pushImage'
  readonly reference: string
}

export interface BuildImage extends OperationBase {
  readonly type: 'buildImage'
  readonly serviceName: string
  readonly build: Build
  /** The name that containers use, and further ones (`build.tags`). */
  readonly reference: string
  readonly tags: readonly string[]
  readonly labels: Labels
  readonly platform?: string
  readonly noCache: boolean
  readonly pull: boolean
  /** Bytes that a step may have. */
  readonly memory?: number
  /** For all that `build.platforms` says, not for what is to run here. */
  readonly allPlatforms?: true
  /** The Dockerfile is only checked. */
  readonly check?: true
  /** `--build-arg`, over those of the file. */
  readonly args: Readonly<Record<string, string | null>>
  /** Only to be built if this pull operation did not yield the image (`image` and `build` in one service). */
  readonly unlessPulledBy?: string
}

export interface RemoveImage extends OperationBase {
  readonly type: 'removeImage'
  readonly reference: string
}

export interface CreateContainer extends OperationBase {
  readonly type: 'createContainer'
  readonly serviceName: string
  readonly service: Service
  /** The name to create it with: temporary when it replaces another (`<12 hex>_lamp-web-1`). */
  readonly name: string
  readonly number: number
  readonly oneOff: boolean
  /** All labels but `com.docker.compose.image`, which the executor adds: it may be known only after a build. */
  readonly labels: Labels
  readonly image: string
  readonly networks: readonly Attachment[]
  readonly parents: ParentRefs
  /** Anonymous volumes of the container that it replaces. */
  readonly inheritedVolumes: readonly ObservedMount[]
  /** Places of anonymous volumes of the container that it replaces, which it gets new ones for: the data is left behind. */
  readonly renewedVolumes?: readonly string[]
  readonly replaces?: ContainerRef
  /** What only digests of may be kept with the container. */
  readonly secrets: SecretValues
  /** Of a one-off: what is asked for by who runs it, and by no file. */
  readonly run?: RunTerms
}

/** How a one-off container lives. */
export interface RunTerms {
  /** It is removed when it has ended. */
  readonly autoRemove: boolean
  /** Who is connected to the engine until it has started: without it the engine removes it. */
  readonly maker: string
  /** Its standard input ends with that of the client which is attached. */
  readonly attached: boolean
  /** Rows and columns of its terminal when its command begins; absent: what the engine gives one. */
  readonly consoleSize?: readonly [number, number]
}

export interface StartContainer extends OperationBase {
  readonly type: 'startContainer'
  readonly container: ContainerRef
  readonly serviceName: string
  /** While the one whose place it takes runs. */
  readonly beside?: true
}

export interface StopContainer extends OperationBase {
  readonly type: 'stopContainer'
  readonly container: ContainerRef
  /** Seconds; absent = what the container was created with. */
  readonly timeout?: number
  /** Another has its names and ports already. */
  readonly relieved?: true
}

export interface KillContainer extends OperationBase {
  readonly type: 'killContainer'
  readonly container: ContainerRef
  readonly signal: string
}

export interface RestartContainer extends OperationBase {
  readonly type: 'restartContainer'
  readonly container: ContainerRef
  readonly serviceName: string
  readonly timeout?: number
}

export interface PauseContainer extends OperationBase {
  readonly type: 'pauseContainer' | 'unpauseContainer'
  readonly container: ContainerRef
}

export interface RemoveContainer extends OperationBase {
  readonly type: 'removeContainer'
  readonly container: ContainerRef
  readonly force: boolean
  /** Its anonymous volumes too. */
  readonly volumes: boolean
  /** The project has no such service any more: the engine is told to forget its name. */
  readonly forget?: true
}

export interface RenameContainer extends OperationBase {
  readonly type: 'renameContainer'
  readonly container: ContainerRef
  readonly to: string
}

/** Puts limits and the restart policy back as the container was made, while it runs. */
export interface UpdateContainer extends OperationBase {
  readonly type: 'updateContainer'
  readonly container: ContainerRef
  /** Values as JSON, by the field of the engine's update. */
  readonly fields: Readonly<Record<string, string>>
}

/** Has a container that runs be made of other things from now on, and notes which. */
export interface AdaptContainer extends OperationBase {
  readonly type: 'adaptContainer'
  readonly container: ContainerRef
  readonly serviceName: string
  readonly service: Service
  /** Of its create request, those that become others; `contents`: what is in its configs and secrets. */
  readonly fields: readonly string[]
  /** Tells its first process of new contents. */
  readonly signal?: string
  readonly networks: readonly Attachment[]
  /** As of a creation, but for what the container alone knows. */
  readonly labels: Labels
  readonly secrets: SecretValues
}

/** Has the engine put right what of a network has drifted in the kernel, at these paths. */
export interface RepairNetwork extends OperationBase {
  readonly type: 'repairNetwork'
  readonly networkId: string
  readonly paths: readonly string[]
}

/** The same of a container, which runs on. */
export interface RepairContainer extends OperationBase {
  readonly type: 'repairContainer'
  readonly container: ContainerRef
  readonly paths: readonly string[]
}

export interface ConnectNetwork extends OperationBase {
  readonly type: 'connectNetwork'
  readonly container: ContainerRef
  readonly serviceName: string
  readonly service: Service
  readonly attachment: Attachment
}

export interface DisconnectNetwork extends OperationBase {
  readonly type: 'disconnectNetwork'
  readonly container: ContainerRef
  readonly networkId: string
  readonly force: boolean
}

/** Looks at a new container until it counts as updated: it is healthy, where it has a health check, and has run for a while. */
export interface WatchContainer extends OperationBase {
  readonly type: 'watchContainer'
  readonly container: ContainerRef
  readonly serviceName: string
  /** Milliseconds that it must have run; absent: some where it has no health check. */
  readonly monitor?: number
}

/** Moves names and ports from a container to the one that was started beside it; who is connected stays where he is. */
export interface RelieveContainer extends OperationBase {
  readonly type: 'relieveContainer'
  readonly container: ContainerRef
  readonly serviceName: string
  readonly service: Service
  readonly relieves: ContainerRef
}

/** Waits until nobody is connected to one that was relieved. */
export interface DrainContainer extends OperationBase {
  readonly type: 'drainContainer'
  readonly container: ContainerRef
  /** Who has its place: as long as this one is there it takes that back where the other fails. Absent: nobody who could. */
  readonly reliever?: { readonly container: ContainerRef; readonly serviceName: string }
  /** Seconds at most; absent: its grace period. */
  readonly timeout?: number
}

/** Stands between two groups of replicas. */
export interface AwaitDelay extends OperationBase {
  readonly type: 'awaitDelay'
  readonly serviceName: string
  readonly milliseconds: number
}

/** Wait until a container of a dependency is as its dependents need it. */
export interface WaitDependency extends OperationBase {
  readonly type: 'waitDependency'
  readonly container: ContainerRef
  readonly serviceName: string
  readonly condition: 'healthy' | 'completed'
}

/**
 * Stands between many images and all that is made of them: that every container waits for every image takes an edge for
 * each of both then, not for each pair of them. Nothing is done for it.
 */
export interface AwaitImages extends OperationBase {
  readonly type: 'awaitImages'
}

/** A `post_start` or `pre_stop` command inside the container. */
export interface RunHook extends OperationBase {
  readonly type: 'runHook'
  readonly container: ContainerRef
  readonly serviceName: string
  readonly when: 'post_start' | 'pre_stop'
  readonly hook: Hook
  /** A container that has ended before it could run is none of its failures: a one-off may be done by then. */
  readonly unlessEnded?: boolean
}

/** A container that runs once to its end before the service starts (`pre_start`); removed if it succeeds. */
export interface RunInit extends OperationBase {
  readonly type: 'runInit'
  readonly serviceName: string
  readonly service: Service
  readonly hook: PreStartHook
  readonly name: string
  readonly image: string
  readonly labels: Labels
  readonly networks: readonly Attachment[]
  /** The replica whose volumes it shares. */
  readonly volumesOf: ContainerRef
}

/** One Engine API call, or one wait, with why. The executor decides nothing: all it needs is in here. */
export type Operation =
  | CreateNetwork
  | RemoveNetwork
  | CreateVolume
  | RemoveVolume
  | PullImage
  | PushImage
  | BuildImage
  | RemoveImage
  | CreateContainer
  | StartContainer
  | StopContainer
  | KillContainer
  | RestartContainer
  | PauseContainer
  | RemoveContainer
  | RenameContainer
  | UpdateContainer
  | AdaptContainer
  | RepairNetwork
  | RepairContainer
  | ConnectNetwork
  | DisconnectNetwork
  | WaitDependency
  | WatchContainer
  | RelieveContainer
  | DrainContainer
  | AwaitDelay
  | AwaitImages
  | RunHook
  | RunInit
