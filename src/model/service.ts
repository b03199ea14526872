import type { Build, FileReference } from './build.ts'
import type { Mount } from './mount.ts'
import type { BlkioConfig, Deploy, DeviceRequest, Ulimit } from './resources.ts'
import type { ByteSize, Duration, Extensions, Mapping, Strings } from './values.ts'

/** What a dependency must have reached before the dependent starts. */
export type DependsOnCondition = 'service_started' | 'service_healthy' | 'service_completed_successfully'

/** One edge of `depends_on`; implicit edges (links, `service:` namespaces, volumes_from) are in it too. */
export interface DependsOn extends Extensions {
  readonly condition: DependsOnCondition
  readonly required: boolean
  readonly restart?: boolean
}

/** `services.*.healthcheck`. */
export interface HealthCheck extends Extensions {
  /** Starts with NONE, CMD or CMD-SHELL. */
  readonly test?: readonly string[]
  readonly interval?: Duration
  readonly timeout?: Duration
  readonly retries?: number
  readonly start_period?: Duration
  readonly start_interval?: Duration
  readonly disable?: boolean
}

/** `services.*.ports[]` in long form, one entry a container port. */
export interface Port extends Extensions {
  readonly name?: string
  readonly mode?: string
  readonly host_ip?: string
  readonly target: number
  /** Text, may be a range `8000-8010` (first free one is taken); absent: a port that the engine picks. */
  readonly published?: string
  readonly protocol?: string
  readonly app_protocol?: string
}

/** How a service joins one network; null stands for "with all defaults". */
export interface NetworkAttachment extends Extensions {
  readonly aliases?: readonly string[]
  readonly ipv4_address?: string
  readonly ipv6_address?: string
  readonly link_local_ips?: readonly string[]
  readonly mac_address?: string
  readonly interface_name?: string
  readonly driver_opts?: Strings
  readonly priority?: number
  readonly gw_priority?: number
}

/** A command that runs beside a service's life: `post_start`, `pre_stop`, `develop.watch[].exec`. */
export interface Hook extends Extensions {
  readonly command?: readonly string[]
  readonly user?: string
  readonly privileged?: boolean
  readonly working_dir?: string
  readonly environment?: Mapping
}

/** `pre_start[]`: an init container. */
export interface PreStartHook extends Hook {
  readonly image?: string
  readonly per_replica?: boolean
}

/** `services.*.devices[]`. */
export interface Device extends Extensions {
  readonly source: string
  readonly target?: string
  readonly permissions?: string
}

/** `services.*.env_file[]`, there only with `resolveEnvironment: false`. */
export interface EnvFile extends Extensions {
  readonly path: string
  readonly required?: boolean
  readonly format?: string
}

/** `services.*.develop.watch[]`. */
export interface WatchRule extends Extensions {
  readonly path: string
  readonly action: 'sync' | 'rebuild' | 'restart' | 'sync+restart' | 'sync+exec'
  readonly target?: string
  readonly ignore?: readonly string[]
  readonly include?: readonly string[]
  readonly exec?: Hook
  readonly initial_sync?: boolean
}

/** Image, process and dependencies of a service. */
export interface ServiceProcess {
  readonly image?: string
  readonly build?: Build
  readonly pull_policy?: string
  readonly pull_refresh_after?: string
  readonly platform?: string
  /** null: the image's own; an empty list clears it. */
  readonly command: readonly string[] | null
  /** null: the image's own; otherwise the image's command is dropped too. */
  readonly entrypoint: readonly string[] | null
  readonly working_dir?: string
  readonly user?: string
  readonly hostname?: string
  readonly domainname?: string
  readonly container_name?: string
  /** Files of `env_file` are folded in; null: unset the image's variable of that name. */
  readonly environment?: Mapping
  readonly env_file?: readonly EnvFile[]
  readonly labels?: Strings
  readonly label_file?: readonly string[]
  readonly annotations?: Strings
  readonly init?: boolean
  readonly tty?: boolean
  readonly stdin_open?: boolean
  readonly stop_signal?: string
  readonly stop_grace_period?: Duration
  /** no, always, unless-stopped, on-failure, on-failure:N. */
  readonly restart?: string
  readonly profiles?: readonly string[]
  readonly depends_on?: Readonly<Record<string, DependsOn>>
  readonly links?: readonly string[]
  readonly external_links?: readonly string[]
  readonly healthcheck?: HealthCheck
  readonly attach?: boolean
  readonly scale?: number
  readonly extends?: { readonly service: string; readonly file?: string }
  readonly provider?: {
    readonly type: string
    readonly options?: Readonly<Record<string, readonly string[]>>
  } & Extensions
  readonly models?: Readonly<
    Record<string, { readonly endpoint_var?: string; readonly model_var?: string } | null>
  >
  readonly use_api_socket?: boolean
  readonly pre_start?: readonly PreStartHook[]
  readonly post_start?: readonly Hook[]
  readonly pre_stop?: readonly Hook[]
  readonly develop?: { readonly watch?: readonly WatchRule[] } & Extensions
  readonly deploy?: Deploy
  readonly logging?: { readonly driver?: string; readonly options?: Mapping } & Extensions
  readonly runtime?: string
  readonly isolation?: string
  readonly credential_spec?: { readonly config?: string; readonly file?: string; readonly registry?: string }
  readonly storage_opt?: Strings
}

/** Networks, files and devices of a service. */
export interface ServiceAttachments {
  readonly networks?: Readonly<Record<string, NetworkAttachment | null>>
  readonly network_mode?: string
  readonly ports?: readonly Port[]
  readonly expose?: readonly string[]
  readonly dns?: readonly string[]
  readonly dns_search?: readonly string[]
  readonly dns_opt?: readonly string[]
  /** `host=address`, sorted. */
  readonly extra_hosts?: readonly string[]
  readonly mac_address?: string
  readonly volumes?: readonly Mount[]
  readonly tmpfs?: readonly string[]
  readonly volumes_from?: readonly string[]
  readonly configs?: readonly FileReference[]
  readonly secrets?: readonly FileReference[]
  readonly read_only?: boolean
  readonly shm_size?: ByteSize
  readonly devices?: readonly Device[]
  readonly device_cgroup_rules?: readonly string[]
}

/** Limits, privileges and namespaces of a service. */
export interface ServiceLimits {
  readonly cpus?: number
  readonly cpu_shares?: number
  readonly cpu_period?: number
  readonly cpu_quota?: number
  readonly cpu_rt_runtime?: number
  readonly cpu_rt_period?: number
  readonly cpuset?: string
  readonly cpu_count?: number
  readonly cpu_percent?: number
  readonly mem_limit?: ByteSize
  readonly mem_reservation?: ByteSize
  readonly memswap_limit?: ByteSize
  readonly mem_swappiness?: ByteSize
  readonly oom_kill_disable?: boolean
  readonly oom_score_adj?: number
  readonly pids_limit?: number
  readonly ulimits?: Readonly<Record<string, Ulimit>>
  readonly blkio_config?: BlkioConfig
  readonly gpus?: readonly DeviceRequest[]
  readonly cap_add?: readonly string[]
  readonly cap_drop?: readonly string[]
  readonly privileged?: boolean
  readonly security_opt?: readonly string[]
  readonly sysctls?: Strings
  readonly group_add?: readonly string[]
  readonly userns_mode?: string
  readonly cgroup?: string
  readonly cgroup_parent?: string
  readonly ipc?: string
  readonly pid?: string
  readonly uts?: string
}

/** One service in canonical form: every attribute long, with Compose's own spelling. */
export interface Service extends ServiceProcess, ServiceAttachments, ServiceLimits, Extensions {}
