import type { HealthConfig } from './config.ts'
import type { Mount, Ulimit } from './host-config.ts'
import type { ObjectVersion, SwarmDriver, SwarmObject } from './swarm.ts'

type Labels = Readonly<Record<string, string>>

/** A secret or a config as a file of a task. */
export interface ServiceFile {
  readonly File?:
    | {
        readonly Name?: string | undefined
        readonly UID?: string | undefined
        readonly GID?: string | undefined
        readonly Mode?: number | undefined
      }
    | undefined
  readonly SecretID?: string | undefined
  readonly SecretName?: string | undefined
  readonly ConfigID?: string | undefined
  readonly ConfigName?: string | undefined
}

/** Names and name servers of a task. */
export interface ServiceDns {
  readonly Nameservers?: readonly string[] | undefined
  readonly Search?: readonly string[] | undefined
  readonly Options?: readonly string[] | undefined
}

/** The container of a service's tasks. */
export interface ServiceContainerSpec {
  readonly Image?: string | undefined
  readonly Labels?: Labels | undefined
  readonly Command?: readonly string[] | undefined
  readonly Args?: readonly string[] | undefined
  readonly Hostname?: string | undefined
  readonly Env?: readonly string[] | undefined
  readonly Dir?: string | undefined
  readonly User?: string | undefined
  readonly Groups?: readonly string[] | undefined
  readonly Privileges?: object | undefined
  readonly TTY?: boolean | undefined
  readonly OpenStdin?: boolean | undefined
  readonly ReadOnly?: boolean | undefined
  readonly Mounts?: readonly Mount[] | undefined
  readonly StopSignal?: string | undefined
  /** Nanoseconds. */
  readonly StopGracePeriod?: number | undefined
  /** What managers answer; they read `HealthCheck` as well. */
  readonly Healthcheck?: HealthConfig | undefined
  readonly HealthCheck?: HealthConfig | undefined
  readonly Hosts?: readonly string[] | undefined
  readonly DNSConfig?: ServiceDns | undefined
  readonly Secrets?: readonly ServiceFile[] | undefined
  readonly Configs?: readonly ServiceFile[] | undefined
  readonly Isolation?: string | undefined
  readonly Init?: boolean | undefined
  readonly Sysctls?: Labels | undefined
  readonly CapabilityAdd?: readonly string[] | undefined
  readonly CapabilityDrop?: readonly string[] | undefined
  readonly Ulimits?: readonly Ulimit[] | undefined
  readonly OomScoreAdj?: number | undefined
}

export interface ServiceResources {
  readonly NanoCPUs?: number | undefined
  readonly MemoryBytes?: number | undefined
  readonly Pids?: number | undefined
  readonly GenericResources?: readonly object[] | undefined
}

/** Where tasks may run, and how they are spread. */
export interface ServicePlacement {
  readonly Constraints?: readonly string[] | undefined
  readonly Preferences?: readonly { readonly Spread?: { readonly SpreadDescriptor?: string } }[] | undefined
  readonly MaxReplicas?: number | undefined
  readonly Platforms?: readonly { readonly Architecture?: string; readonly OS?: string }[] | undefined
}

/** How many tasks a service has, and whether they are to end. */
export interface ServiceMode {
  readonly Replicated?: { readonly Replicas?: number | undefined } | undefined
  readonly Global?: object | undefined
  readonly ReplicatedJob?:
    | { readonly MaxConcurrent?: number | undefined; readonly TotalCompletions?: number | undefined }
    | undefined
  readonly GlobalJob?: object | undefined
}

/** What each task of a service is. */
export interface TaskSpec {
  readonly PluginSpec?: object | undefined
  readonly ContainerSpec?: ServiceContainerSpec | undefined
  readonly NetworkAttachmentSpec?: object | undefined
  readonly Resources?:
    | {
        readonly Limits?: ServiceResources | undefined
        readonly Reservations?: ServiceResources | undefined
      }
    | undefined
  readonly RestartPolicy?:
    | {
        readonly Condition?: string | undefined
        /** Nanoseconds, as is `Window`. */
        readonly Delay?: number | undefined
        readonly MaxAttempts?: number | undefined
        readonly Window?: number | undefined
      }
    | undefined
  readonly Placement?: ServicePlacement | undefined
  readonly ForceUpdate?: number | undefined
  readonly Runtime?: string | undefined
  readonly Networks?: readonly ServiceNetwork[] | undefined
  readonly LogDriver?: SwarmDriver | undefined
}

export interface ServiceNetwork {
  readonly Target?: string | undefined
  readonly Aliases?: readonly string[] | undefined
  readonly DriverOpts?: Labels | undefined
}

/** How tasks are replaced, or put back. */
export interface ServiceUpdateConfig {
  readonly Parallelism?: number | undefined
  /** Nanoseconds, as is `Monitor`. */
  readonly Delay?: number | undefined
  readonly FailureAction?: string | undefined
  readonly Monitor?: number | undefined
  readonly MaxFailureRatio?: number | undefined
  readonly Order?: string | undefined
}

export interface ServicePort {
  readonly Name?: string | undefined
  readonly Protocol?: string | undefined
  readonly TargetPort?: number | undefined
  readonly PublishedPort?: number | undefined
  readonly PublishMode?: string | undefined
}

/** What a service is to be. */
export interface ServiceSpec {
  readonly Name?: string | undefined
  readonly Labels?: Labels | undefined
  readonly TaskTemplate?: TaskSpec | undefined
  readonly Mode?: ServiceMode | undefined
  readonly UpdateConfig?: ServiceUpdateConfig | undefined
  readonly RollbackConfig?: ServiceUpdateConfig | undefined
  readonly Networks?: readonly ServiceNetwork[] | undefined
  readonly EndpointSpec?:
    | { readonly Mode?: string | undefined; readonly Ports?: readonly ServicePort[] | undefined }
    | undefined
}

/** `GET /services/{id}`. */
export interface ServiceInspect extends SwarmObject {
  readonly Spec: ServiceSpec
  readonly PreviousSpec?: ServiceSpec
  readonly Endpoint: {
    readonly Spec: NonNullable<ServiceSpec['EndpointSpec']>
    readonly Ports?: readonly ServicePort[]
    readonly VirtualIPs?: readonly { readonly NetworkID: string; readonly Addr: string }[]
  }
  readonly UpdateStatus?: {
    readonly State: string
    readonly StartedAt?: string
    readonly CompletedAt?: string
    readonly Message: string
  }
  readonly ServiceStatus?: {
    readonly RunningTasks: number
    readonly DesiredTasks: number
    readonly CompletedTasks: number
  }
  readonly JobStatus?: { readonly JobIteration: ObjectVersion; readonly LastExecution: string }
}

export interface ServiceCreateResponse {
  readonly ID: string
  readonly Warnings?: readonly string[] | null
}

export interface ServiceUpdateResponse {
  readonly Warnings?: readonly string[] | null
}

/** `GET /tasks/{id}`. */
export interface TaskInspect extends SwarmObject {
  readonly Name?: string
  readonly Labels?: Labels
  readonly Spec: TaskSpec
  readonly ServiceID: string
  readonly Slot?: number
  readonly NodeID?: string
  readonly DesiredState: string
  readonly Status: {
    readonly Timestamp: string
    readonly State: string
    readonly Message?: string
    readonly Err?: string
    readonly ContainerStatus?: {
      readonly ContainerID: string
      readonly PID: number
      readonly ExitCode: number
    }
  }
  readonly NetworksAttachments?: readonly object[]
  readonly JobIteration?: ObjectVersion
}
