// Made of the table ../attributes/service.ts by `npm run build`: change that.
import type { ByteSize, Duration, Extensions, Mapping, Strings, Ulimit } from '../values.ts'
import type { NetworkAttachment, Port } from './attachments.ts'
import type { Build, FileReference } from './build.ts'
import type { Deploy, DeviceRequest } from './deploy.ts'
import type { ServiceExtension } from './extension.ts'
import type { Hook, PreStartHook, WatchRule } from './hooks.ts'
import type { KubernetesService } from './kubernetes.ts'
import type { Mount } from './mount.ts'

/** `services.*.develop`. */
export interface Develop extends Extensions {
  /** Rules, each for one path. */
  readonly watch?: readonly WatchRule[]
}

/** Share of one block device. */
export interface WeightDevice extends Extensions {
  /** Path of the device. */
  readonly path: string
  /** Share of the service, 10 to 1000. */
  readonly weight: number
}

/** Bytes or operations a second of one block device. */
export interface DeviceRate extends Extensions {
  /** Path of the device. */
  readonly path: string
  /** Bytes or operations a second. */
  readonly rate: ByteSize
}

/** `services.*.blkio_config`. */
export interface BlkioConfig extends Extensions {
  /** Share of the service, 10 to 1000. */
  readonly weight?: number
  /** Shares of the service by device. */
  readonly weight_device?: readonly WeightDevice[]
  /** Most bytes read a second, by device. */
  readonly device_read_bps?: readonly DeviceRate[]
  /** Most operations read a second, by device. */
  readonly device_read_iops?: readonly DeviceRate[]
  /** Most bytes written a second, by device. */
  readonly device_write_bps?: readonly DeviceRate[]
  /** Most operations written a second, by device. */
  readonly device_write_iops?: readonly DeviceRate[]
}

/** `services.*.credential_spec`. */
export interface CredentialSpec extends Extensions {
  /** Name of a config that holds it. */
  readonly config?: string
  /** Path of a file that holds it. */
  readonly file?: string
  /** Key of the registry. */
  readonly registry?: string
}

/** What a dependency must have reached before the dependent starts. */
export type DependsOnCondition = 'service_started' | 'service_healthy' | 'service_completed_successfully'

/** One edge of `depends_on`; implicit edges (links, `service:` namespaces, volumes_from) are in it too. */
export interface DependsOn extends Extensions {
  /** What the other service must have reached: started, healthy, or finished without error. */
  readonly condition: DependsOnCondition
  /** Whether this service restarts when the other one does. */
  readonly restart?: boolean
  /** false: a missing service is only warned of. */
  readonly required: boolean
}

/** `services.*.devices[]`. */
export interface Device extends Extensions {
  /** Path on the host, or a CDI name. */
  readonly source: string
  /** Path in the container. */
  readonly target?: string
  /** Some of r, w and m. */
  readonly permissions?: string
}

/** `services.*.provider`: somebody else who runs the service. */
export interface Provider extends Extensions {
  /** Name of the program. */
  readonly type: string
  /** What the program is told. */
  readonly options?: Readonly<Record<string, readonly string[]>>
}

/** `services.*.env_file[]`, there only with `resolveEnvironment: false`. */
export interface EnvFile extends Extensions {
  /** Path of the file with variables. */
  readonly path: string
  /** false: the file may be missing. */
  readonly required?: boolean
  /** raw: take every line as it stands. */
  readonly format?: string
}

/** `services.*.extends`. */
export interface Extends extends Extensions {
  /** File that it is in. */
  readonly file?: string
  /** Name of the service. */
  readonly service: string
}

/** `services.*.healthcheck`. */
export interface HealthCheck extends Extensions {
  /** Starts with NONE, CMD or CMD-SHELL. */
  readonly test?: readonly string[]
  /** Time after which a check has failed, 30s by default. */
  readonly timeout?: Duration
  /** Time between two checks, 30s by default. */
  readonly interval?: Duration
  /** Failures in a row that make the container unhealthy, 3 by default. */
  readonly retries?: number
  /** Time at the start in which failures do not count. */
  readonly start_period?: Duration
  /** Time between two checks during the start period. */
  readonly start_interval?: Duration
  /** true: switches off the check of the image. */
  readonly disable?: boolean
}

/** `services.*.logging`. */
export interface Logging extends Extensions {
  /** Name of the driver. */
  readonly driver?: string
  /** Options of the driver. */
  readonly options?: Strings
}

/** Variables that tell a service where a model is. */
export interface ModelReference extends Extensions {
  /** Variable for the address. */
  readonly endpoint_var?: string
  /** Variable for the name. */
  readonly model_var?: string
}

/** One service in canonical form: every attribute long, with Compose's own spelling. */
export interface Service extends Extensions {
  /** Profiles that switch the service on; none: always on. */
  readonly profiles?: readonly string[]
  /** OCI annotations of the container. */
  readonly annotations?: Strings
  /** false: up and logs leave its output out unless it is named. */
  readonly attach?: boolean
  /** How the image is made. */
  readonly build?: Build
  /** What watch does when files change. */
  readonly develop?: Develop
  /** Weights and rates of block devices. */
  readonly blkio_config?: BlkioConfig
  /** Capabilities to add, such as NET_ADMIN. */
  readonly cap_add?: readonly string[]
  /** Capabilities to take away, such as ALL. */
  readonly cap_drop?: readonly string[]
  /** Cgroup to put the container under. */
  readonly cgroup_parent?: string
  /** Cgroup namespace: private by default, or host. */
  readonly cgroup?: string
  /** Number of CPUs (Windows). */
  readonly cpu_count?: number
  /** Share of the CPUs (Windows). */
  readonly cpu_percent?: number
  /** Microseconds of one scheduling period. */
  readonly cpu_period?: number
  /** Microseconds of CPU time in one period. */
  readonly cpu_quota?: number
  /** Microseconds of one real-time period. */
  readonly cpu_rt_period?: number
  /** Microseconds of real-time in one period. */
  readonly cpu_rt_runtime?: number
  /** CPUs that it may use at most, may be a fraction. */
  readonly cpus?: number
  /** CPUs on which it may run, such as 0-3 or 0,2. */
  readonly cpuset?: string
  /** Share of CPU time against others, 1024 by default. */
  readonly cpu_shares?: number
  /** null: the image's own; an empty list clears it. */
  readonly command: readonly string[] | null
  /** Configs to mount, at /NAME by default. */
  readonly configs?: readonly FileReference[]
  /** Name of the container instead of project-service-1; such a service cannot be scaled. */
  readonly container_name?: string
  /** Credentials of a managed service account (Windows). */
  readonly credential_spec?: CredentialSpec
  /** Services that start before this one. */
  readonly depends_on?: Readonly<Record<string, DependsOn>>
  /** How many containers run, with which limits. */
  readonly deploy?: Deploy
  /** Rules of the device controller. */
  readonly device_cgroup_rules?: readonly string[]
  /** Devices of the host. */
  readonly devices?: readonly Device[]
  /** Name servers to ask for names outside of the project. */
  readonly dns?: readonly string[]
  /** Options of the resolver, as in resolv.conf. */
  readonly dns_opt?: readonly string[]
  /** Domains to try names in that have no dot. */
  readonly dns_search?: readonly string[]
  /** Domain name of the container. */
  readonly domainname?: string
  /** null: the image's own; otherwise the image's command is dropped too. */
  readonly entrypoint: readonly string[] | null
  /** A program that provides the service instead of a container. */
  readonly provider?: Provider
  /** Files of `env_file` are folded in; null: unset the image's variable of that name. */
  readonly environment?: Mapping
  /** Files with variables for the container; environment wins over them. */
  readonly env_file?: readonly EnvFile[]
  /** Ports that the service offers to others, for people to read; nothing is published. */
  readonly expose?: readonly string[]
  /** Service whose attributes this one starts from. */
  readonly extends?: Extends
  /** Containers of other projects under further names, CONTAINER[:ALIAS]. */
  readonly external_links?: readonly string[]
  /** `host=address`, sorted. */
  readonly extra_hosts?: readonly string[]
  /** Further groups of the process. */
  readonly group_add?: readonly string[]
  /** all, or requests for GPUs. */
  readonly gpus?: readonly DeviceRequest[]
  /** Host name of the container. */
  readonly hostname?: string
  /** How to find out whether the container works; depends_on and up --wait rely on it. */
  readonly healthcheck?: HealthCheck
  /** Image to run, [REGISTRY/]NAME[:TAG][@DIGEST]. */
  readonly image?: string
  /** Whether a small init is PID 1, which passes signals on and reaps processes. */
  readonly init?: boolean
  /** IPC namespace: private, shareable, host, none, service:NAME or container:NAME. */
  readonly ipc?: string
  /** Isolation technology (Windows). */
  readonly isolation?: string
  /** Labels of the container. */
  readonly labels?: Strings
  /** Files with labels; labels wins over them. */
  readonly label_file?: readonly string[]
  /** Services under further names, SERVICE[:ALIAS]; services of one network know each other by name without it. */
  readonly links?: readonly string[]
  /** Where output is kept. */
  readonly logging?: Logging
  /** Most memory, such as 512m. */
  readonly mem_limit?: ByteSize
  /** Memory to keep for it under pressure. */
  readonly mem_reservation?: ByteSize
  /** Most memory and swap together, -1 for no limit. */
  readonly memswap_limit?: ByteSize
  /** How readily it swaps, 0 to 100. */
  readonly mem_swappiness?: ByteSize
  /** Hardware address on the first network. */
  readonly mac_address?: string
  /** Language models that the service uses; their addresses become variables. */
  readonly models?: Readonly<Record<string, ModelReference | null>>
  /** Instead of networks: none, host, bridge, service:NAME or container:NAME. */
  readonly network_mode?: string
  /** Networks that the service joins, default when absent. */
  readonly networks?: Readonly<Record<string, NetworkAttachment | null>>
  /** Whether it is spared when memory runs out. */
  readonly oom_kill_disable?: boolean
  /** How soon it is killed when memory runs out. */
  readonly oom_score_adj?: number
  /** Process namespace: host, service:NAME or container:NAME. */
  readonly pid?: string
  /** Most processes, -1 for no limit. */
  readonly pids_limit?: number
  /** Platform of the image, OS[/ARCHITECTURE[/VARIANT]]. */
  readonly platform?: string
  /** Ports to publish on the host, [[IP:]HOST:]CONTAINER[/PROTOCOL]. */
  readonly ports?: readonly Port[]
  /** Whether the container has all privileges of the host. */
  readonly privileged?: boolean
  /** When to fetch the image: always, never, missing, build, daily, weekly or every_<duration>. */
  readonly pull_policy?: string
  /** Age at which the image is fetched anew; Docker Compose does not read it yet. */
  readonly pull_refresh_after?: string
  /** Whether the root file system cannot be written to. */
  readonly read_only?: boolean
  /** no, always, unless-stopped, on-failure, on-failure:N. */
  readonly restart?: string
  /** Name of the OCI runtime. */
  readonly runtime?: string
  /** Number of containers. */
  readonly scale?: number
  /** Secrets to mount, below /run/secrets by default. */
  readonly secrets?: readonly FileReference[]
  /** Options of seccomp, AppArmor, SELinux and no-new-privileges. */
  readonly security_opt?: readonly string[]
  /** Size of /dev/shm, 64m by default. */
  readonly shm_size?: ByteSize
  /** Whether standard input stays open. */
  readonly stdin_open?: boolean
  /** Time between the stop signal and SIGKILL, 10s by default. */
  readonly stop_grace_period?: Duration
  /** Signal that asks it to stop, SIGTERM by default. */
  readonly stop_signal?: string
  /** Options of the storage driver, such as size. */
  readonly storage_opt?: Strings
  /** Kernel parameters of its namespaces. */
  readonly sysctls?: Strings
  /** Folders in memory, PATH[:OPTIONS]. */
  readonly tmpfs?: readonly string[]
  /** Whether it gets a terminal. */
  readonly tty?: boolean
  /** Limits of its processes, such as nofile. */
  readonly ulimits?: Readonly<Record<string, Ulimit>>
  /** Whether it gets the engine's socket and the credentials of registries. */
  readonly use_api_socket?: boolean
  /** User that runs the command, USER[:GROUP], by name or number. */
  readonly user?: string
  /** host: no user namespace of its own. */
  readonly userns_mode?: string
  /** host: the host's name instead of its own. */
  readonly uts?: string
  /**
   * Mounts: [SOURCE:]TARGET[:OPTIONS], where a source with ./ or / is a folder of the host and any other a named
   * volume.
   */
  readonly volumes?: readonly Mount[]
  /** Services whose mounts it shares, SERVICE[:ro] or container:NAME[:ro]. */
  readonly volumes_from?: readonly string[]
  /** Folder in which the command runs. */
  readonly working_dir?: string
  /** Containers that run to their end, one after the other, before the service starts. */
  readonly pre_start?: readonly PreStartHook[]
  /** Commands to run in the container after its start. */
  readonly post_start?: readonly Hook[]
  /** Commands to run in the container before it is stopped. */
  readonly pre_stop?: readonly Hook[]
  /** What this engine does beyond Compose; other tools pass over it. */
  readonly 'x-tscompose'?: ServiceExtension
  /** What the service becomes in Kubernetes, where Compose cannot say it. */
  readonly 'x-tscompose-kubernetes'?: KubernetesService
}
