import type { ContainerSummary } from './containers.ts'
import type { Filters } from './filters.ts'
import type { ImageSummary } from './images.ts'
import type { VolumeInspect } from './volumes.ts'

/** `GET /version`. */
export interface VersionResponse {
  readonly Platform: { readonly Name: string }
  readonly Components: readonly {
    readonly Name: string
    readonly Version: string
    readonly Details?: Readonly<Record<string, string>>
  }[]
  readonly Version: string
  readonly ApiVersion: string
  readonly MinAPIVersion: string
  readonly GitCommit: string
  readonly GoVersion: string
  readonly Os: string
  readonly Arch: string
  readonly KernelVersion: string
  readonly BuildTime?: string
}

/** What the engine says of itself; the API versions are the server's to add. */
export type EngineVersion = Omit<VersionResponse, 'ApiVersion' | 'MinAPIVersion'>

/** `GET /info`, the fields that clients read. */
export interface InfoResponse {
  readonly ID: string
  readonly Containers: number
  readonly ContainersRunning: number
  readonly ContainersPaused: number
  readonly ContainersStopped: number
  readonly Images: number
  readonly Driver: string
  readonly DriverStatus: readonly (readonly [string, string])[]
  readonly Plugins: {
    readonly Volume: readonly string[]
    readonly Network: readonly string[]
    readonly Authorization: readonly string[] | null
    readonly Log: readonly string[]
  }
  readonly MemoryLimit: boolean
  readonly SwapLimit: boolean
  readonly CpuCfsPeriod: boolean
  readonly CpuCfsQuota: boolean
  readonly CPUShares: boolean
  readonly CPUSet: boolean
  readonly PidsLimit: boolean
  readonly IPv4Forwarding: boolean
  readonly OomKillDisable: boolean
  readonly Debug: boolean
  readonly NFd: number
  readonly NGoroutines: number
  /** RFC 3339. */
  readonly SystemTime: string
  readonly LoggingDriver: string
  readonly CgroupDriver: string
  readonly CgroupVersion: string
  readonly NEventsListener: number
  readonly KernelVersion: string
  readonly OperatingSystem: string
  readonly OSVersion: string
  readonly OSType: string
  readonly Architecture: string
  readonly IndexServerAddress: string
  readonly NCPU: number
  readonly MemTotal: number
  readonly DockerRootDir: string
  readonly HttpProxy: string
  readonly HttpsProxy: string
  readonly NoProxy: string
  readonly Name: string
  readonly Labels: readonly string[]
  readonly ExperimentalBuild: boolean
  readonly ServerVersion: string
  readonly DefaultRuntime: string
  readonly Runtimes: Readonly<Record<string, { readonly path: string }>>
  readonly LiveRestoreEnabled: boolean
  readonly Isolation: string
  readonly InitBinary: string
  readonly KernelMemoryTCP: boolean
  readonly RegistryConfig: {
    readonly IndexConfigs: Readonly<
      Record<
        string,
        {
          readonly Name: string
          readonly Mirrors: readonly string[]
          readonly Secure: boolean
          readonly Official: boolean
        }
      >
    >
    readonly InsecureRegistryCIDRs: readonly string[]
    readonly Mirrors: readonly string[] | null
  }
  readonly GenericResources: null
  /** As an engine that is in no swarm says. */
  readonly Swarm: {
    readonly NodeID: string
    readonly NodeAddr: string
    readonly LocalNodeState: 'inactive'
    readonly ControlAvailable: boolean
    readonly Error: string
    readonly RemoteManagers: null
  }
  readonly ContainerdCommit: ProgramVersion
  readonly RuncCommit: ProgramVersion
  readonly InitCommit: ProgramVersion
  readonly FirewallBackend: { readonly Driver: string }
  readonly CDISpecDirs: readonly string[]
  readonly Containerd?: {
    readonly Address: string
    readonly Namespaces: { readonly Containers: string; readonly Plugins: string }
  }
  readonly SecurityOptions: readonly string[]
  readonly Warnings: readonly string[] | null
}

/** A program that Docker starts; ours has one for all, whose version is the engine's. */
export interface ProgramVersion {
  readonly ID: string
}

export type EventType = 'container' | 'image' | 'network' | 'volume' | 'daemon' | 'builder'

/** One event; `Action` is Docker's (`start`, `die`, `health_status: healthy`, `exec_create: sh -c …`). */
export interface EventMessage {
  readonly Type: EventType
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly scope: 'local'
  /** Unix seconds. */
  readonly time: number
  /** Unix nanoseconds; as a number it is only good to some hundred nanoseconds. */
  readonly timeNano: number
  /** Old names of `Action`, `Actor.ID` and the image, for containers and images. */
  readonly status?: string
  readonly id?: string
  readonly from?: string
}

export interface EventsOptions {
  /** Unix nanoseconds. */
  readonly since?: bigint
  /** The stream ends there; absent: it goes on. */
  readonly until?: bigint
  readonly filters: Filters
}

export type DiskUsageType = 'container' | 'image' | 'volume' | 'build-cache'

/** `GET /system/df`. */
export interface DiskUsageResponse {
  readonly LayersSize: number
  /** Null, as the next, where the query asked for others alone. */
  readonly Images: readonly ImageSummary[] | null
  readonly Containers: readonly ContainerSummary[] | null
  readonly Volumes: readonly VolumeInspect[] | null
  readonly BuildCache: readonly BuildCacheItem[] | null
  /** Ours, where there are any and volumes were asked for: how many snapshots there are, and what frozen folders take, of which volumes stand on some. */
  readonly TscomposeSnapshots?: { readonly Count: number; readonly Size: number; readonly UsedSize: number }
}

/** The same of a query that asked for everything. */
export type WholeDiskUsage = { readonly [K in keyof DiskUsageResponse]: NonNullable<DiskUsageResponse[K]> }

/** What the build cache keeps. */
export interface BuildCacheItem {
  readonly ID: string
  /** A step, a context that is kept between builds, or the folder of a RUN --mount=type=cache. */
  readonly Type: 'regular' | 'source.local' | 'exec.cachemount'
  readonly Description: string
  readonly InUse: boolean
  /** An image has its layer, too. */
  readonly Shared: boolean
  readonly Size: number
  readonly CreatedAt: string
  readonly LastUsedAt: string
  readonly UsageCount: number
}
