import type { EndpointAnswer, Told } from './answers.ts'
import type { ContainerConfig } from './config.ts'
import type { Drift } from './drift.ts'
import type { EndpointSettings, NetworkingConfig } from './endpoints.ts'
import type { Filters } from './filters.ts'
import type { HostConfig, MountType, PortMap, Resources, RestartPolicy } from './host-config.ts'

/** Body of `POST /containers/create`. */
export interface ContainerCreateRequest extends ContainerConfig {
  readonly HostConfig?: HostConfig | undefined
  readonly NetworkingConfig?: NetworkingConfig | undefined
}

export interface ContainerCreateOptions {
  /** Without the leading slash; absent: the engine invents one. */
  readonly name?: string
  readonly platform?: string
  /** Ours: who is about to start it. When it has gone before that, the container is removed. */
  readonly maker?: string
}

export interface ContainerCreateResponse {
  readonly Id: string
  readonly Warnings: readonly string[]
}

/** What `GET /containers/json` may ask for. Filter keys are Docker's (`label`, `name`, `status`, `id`, `network`, …). */
export interface ContainerListOptions {
  readonly all: boolean
  /** The newest so many, of any state. */
  readonly limit?: number
  /** Fill `SizeRw` and `SizeRootFs`. */
  readonly size: boolean
  readonly filters: Filters
}

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

/** One row of the list. */
export interface ContainerSummary {
  readonly Id: string
  /** Each with a leading slash. */
  readonly Names: readonly string[]
  readonly Image: string
  readonly ImageID: string
  readonly Command: string
  /** Unix seconds. */
  readonly Created: number
  readonly Ports: readonly PortSummary[]
  readonly SizeRw?: number
  readonly SizeRootFs?: number
  readonly Labels: Readonly<Record<string, string>>
  readonly State: ContainerStatus
  /** `Up 3 minutes (healthy)`. */
  readonly Status: string
  readonly HostConfig: {
    readonly NetworkMode: string
    readonly Annotations?: Readonly<Record<string, string>>
  }
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, EndpointAnswer>> }
  readonly Mounts: readonly MountPoint[]
  /** Ours, as in `ContainerInspect`. */
  readonly TscomposeIds?: MappedIds
  /** Ours: what drifts of it is put right as it goes. */
  readonly TscomposeMended?: true
  /** Ours, as in its `State`. */
  readonly TscomposeOom?: OomReport
  /** Ours: which of its ports are reached at localhost by its instance's name, and whether they are now. */
  readonly TscomposeNames?: readonly NamedPortSummary[]
}

/** A port of an instance: `Host` leads to it, unless another has the port at localhost. */
export interface NamedPortSummary {
  readonly Host: string
  readonly Port: number
  readonly Answers: boolean
}

/** Whose ids a container has: its user 0 is the host's user `First`; or why its ids are the host's, and whether somebody asked for that. */
export type MappedIds = { readonly First: number } | { readonly Reason: string; readonly Asked?: true }

export interface PortSummary {
  readonly IP?: string
  readonly PrivatePort: number
  readonly PublicPort?: number
  readonly Type: 'tcp' | 'udp' | 'sctp'
}

/** A mount as it is. */
export interface MountPoint {
  readonly Type: MountType
  /** Of a volume. */
  readonly Name?: string
  readonly Source: string
  readonly Destination: string
  readonly Driver?: string
  readonly Mode: string
  readonly RW: boolean
  readonly Propagation: string
}

/** A process of a container that the kernel killed for want of memory. */
export interface OomReport {
  /** Its name, and its pid on the host; absent where the kernel's log does not tell. */
  readonly Victim?: string
  readonly Pid?: number
  /** Bytes: the most that the container has used, and its limit. */
  readonly Peak?: number
  readonly Limit?: number
  /** The limit that was reached is not the container's own but of a group that it is in. */
  readonly Elsewhere?: boolean
  /** And that is its budget's: then peak and limit are those of all that share it. */
  readonly Budget?: string
  /** What the others used of it, bytes by name, when it was told. */
  readonly Others?: Readonly<Record<string, number>>
}

export interface ContainerState {
  readonly Status: ContainerStatus
  readonly Running: boolean
  readonly Paused: boolean
  readonly Restarting: boolean
  /** Ours: it stands still, or has no process, until somebody comes to it; it counts as running. */
  readonly TscomposeAsleep?: 'frozen' | 'stopped'
  readonly OOMKilled: boolean
  /** Ours: what is known of that. */
  readonly TscomposeOom?: OomReport
  readonly Dead: boolean
  /** On the host; 0 when not running. */
  readonly Pid: number
  readonly ExitCode: number
  /** Why the last start failed; empty if it did not. */
  readonly Error: string
  /** The same by code and facts, from the engine to its server, which makes Docker's words of it. */
  readonly TscomposeFailure?: { readonly code: string; readonly facts?: Readonly<Record<string, string>> }
  /** RFC 3339 with nanoseconds; `0001-01-01T00:00:00Z` for never. */
  readonly StartedAt: string
  readonly FinishedAt: string
  /** Only with a health check. */
  readonly Health?: Health
}

export type HealthStatus = 'none' | 'starting' | 'healthy' | 'unhealthy'

export interface Health {
  readonly Status: HealthStatus
  readonly FailingStreak: number
  /** The last five probes, oldest first. */
  readonly Log: readonly HealthcheckResult[]
}

export interface HealthcheckResult {
  readonly Start: string
  readonly End: string
  readonly ExitCode: number
  readonly Output: string
}

/** `GET /containers/{id}/json`. */
export interface ContainerInspect {
  readonly Id: string
  /** RFC 3339. */
  readonly Created: string
  readonly Path: string
  readonly Args: readonly string[]
  readonly State: ContainerState
  /** Digest of the image. */
  readonly Image: string
  readonly ResolvConfPath: string
  readonly HostnamePath: string
  readonly HostsPath: string
  readonly LogPath: string
  /** With a leading slash. */
  readonly Name: string
  readonly RestartCount: number
  readonly Driver: string
  readonly Platform: string
  readonly MountLabel: string
  readonly ProcessLabel: string
  readonly AppArmorProfile: string
  readonly ExecIDs: readonly string[] | null
  readonly HostConfig: Told<HostConfig>
  readonly GraphDriver: GraphDriver
  readonly SizeRw?: number
  readonly SizeRootFs?: number
  readonly Mounts: readonly MountPoint[]
  readonly Config: Told<ContainerConfig>
  readonly NetworkSettings: NetworkSettings
  /** Ours: where the kernel differs from the record. Absent on other engines. */
  readonly TscomposeDrift?: readonly Drift[]
  /** Ours: it is in another's network, and stays in it when that one is restarted or replaced. Told with the drift. */
  readonly TscomposeStaysInNetwork?: true
  /** Ours: fields of a create request that can be others while it runs on (`TscomposeAdapt`). Told with the drift. */
  readonly TscomposeAdapts?: readonly string[]
  /** Ours: fields that others let and this one does not, with the reason. Told with those. */
  readonly TscomposeFixed?: Readonly<Record<string, string>>
  /**
   * Ours: it waits beside the one whose place it takes, has its names and ports, or has none any more because another has them. Told with the
   * drift.
   */
  readonly TscomposeRelief?: 'waiting' | 'serving' | 'relieved'
  /** Ours: whose ids its present or last run had. Absent on other engines. */
  readonly TscomposeIds?: MappedIds
  /** Ours: what drifts of it is put right as it goes. */
  readonly TscomposeMended?: true
  /** Ours: the query `injected` of the last archive that was put in with one. Absent on other engines. */
  readonly TscomposeInjected?: string
}

export interface NetworkSettings {
  readonly Bridge: string
  readonly SandboxID: string
  readonly SandboxKey: string
  readonly Ports: PortMap
  readonly HairpinMode: boolean
  readonly LinkLocalIPv6Address: string
  readonly LinkLocalIPv6PrefixLen: number
  readonly SecondaryIPAddresses: null
  readonly SecondaryIPv6Addresses: null
  /** This and the next are the default bridge's, as old clients read them. */
  readonly EndpointID: string
  readonly Gateway: string
  readonly GlobalIPv6Address: string
  readonly GlobalIPv6PrefixLen: number
  readonly IPAddress: string
  readonly IPPrefixLen: number
  readonly IPv6Gateway: string
  readonly MacAddress: string
  readonly Networks: Readonly<Record<string, EndpointAnswer>>
}

/** What keeps the files, and where they are. */
export interface GraphDriver {
  readonly Name: string
  readonly Data: Readonly<Record<string, string>> | null
}

export interface ContainerInspectOptions {
  readonly size: boolean
  /** Whether `TscomposeDrift` is to be there: it is what of an inspect asks the kernel, and no other client reads it. */
  readonly drift?: boolean
}

export interface ContainerStartOptions {
  readonly detachKeys?: string
  /** Ours: while the one whose place it takes still runs; others do not know of it then. */
  readonly beside?: boolean
}

/** Of a signal that is sent. */
export interface ContainerKillOptions {
  /** Ours: a signal that the first process does not heed, so that the kernel drops it, is SIGKILL in its place. */
  readonly orKill: boolean
}

export interface ContainerStopOptions {
  readonly signal?: string
  /** Seconds; absent: the container's own, then 10; −1 waits for ever. */
  readonly timeout?: number
}

/** Ours: said when the grace period was not waited out, because PID 1 has no handler for the signal. */
export interface ContainerStopResult {
  readonly GraceSkipped: boolean
}

export interface ContainerRemoveOptions {
  /** Kill it first if it runs. */
  readonly force: boolean
  /** Remove its anonymous volumes too. */
  readonly volumes: boolean
  /** Remove the link, not the container. */
  readonly link: boolean
  /** Ours: its project has no such service any more, whose name may be another's from now on. */
  readonly forget?: boolean
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed'

export interface ContainerWaitResponse {
  readonly StatusCode: number
  readonly Error?: { readonly Message: string }
}

/**
 * A wait that has been registered: nothing that happens from now on is missed. The server sends its headers at this
 * point, since `docker run` starts the container only after them.
 */
export interface ContainerWaiter {
  readonly result: Promise<ContainerWaitResponse>
}

export interface ContainerUpdateRequest extends Resources {
  readonly RestartPolicy?: RestartPolicy | undefined
  /** Ours: what a container that runs is made of from now on. It stands alone. */
  readonly TscomposeAdapt?: Adaptation | undefined
}

/**
 * Parts of a create request that a container is to have while it runs on: all of them, or none. One that is named in `Fields` and has
 * no value is as if the container had been made without it.
 */
export interface Adaptation {
  /** As `Healthcheck`, `HostConfig.Memory`, `EndpointsConfig` (all its networks); of those that `TscomposeAdapts` tells. */
  readonly Fields?: readonly string[] | undefined
  readonly Config?: ContainerConfig | undefined
  readonly HostConfig?: HostConfig | undefined
  readonly EndpointsConfig?: Readonly<Record<string, EndpointSettings>> | undefined
}

export interface ContainerUpdateResponse {
  readonly Warnings: readonly string[] | null
}

export interface ContainerTopResponse {
  readonly Titles: readonly string[]
  readonly Processes: readonly (readonly string[])[]
}

/** `Kind`: 0 modified, 1 added, 2 deleted. */
export interface FilesystemChange {
  readonly Path: string
  readonly Kind: 0 | 1 | 2
}

export interface ContainerPruneResponse {
  /** Null where there was nothing to remove. */
  readonly ContainersDeleted: readonly string[] | null
  readonly SpaceReclaimed: number
}

/** Size of a terminal in characters. */
export interface TerminalSize {
  readonly height: number
  readonly width: number
}
