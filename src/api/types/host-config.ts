/** What a container needs of the host: limits, mounts, ports, namespaces, security. Absent means Docker's default. */
export interface HostConfig extends Resources {
  /** `source:target[:options]`; a missing host folder is made. */
  readonly Binds?: readonly string[] | undefined
  readonly ContainerIDFile?: string | undefined
  readonly LogConfig?: LogConfig | undefined
  /** `bridge`, `host`, `none`, `container:<id>`, `default`, or a network's name or id. */
  readonly NetworkMode?: string | undefined
  readonly PortBindings?: PortMap | undefined
  readonly RestartPolicy?: RestartPolicy | undefined
  readonly AutoRemove?: boolean | undefined
  readonly VolumeDriver?: string | undefined
  /** `container[:ro]`. */
  readonly VolumesFrom?: readonly string[] | undefined
  /** A missing bind source is an error. */
  readonly Mounts?: readonly Mount[] | undefined
  readonly ConsoleSize?: readonly [number, number] | undefined
  readonly Annotations?: Readonly<Record<string, string>> | undefined
  readonly CapAdd?: readonly string[] | undefined
  readonly CapDrop?: readonly string[] | undefined
  readonly CgroupnsMode?: string | undefined
  readonly Dns?: readonly string[] | undefined
  readonly DnsOptions?: readonly string[] | undefined
  readonly DnsSearch?: readonly string[] | undefined
  /** `name:address`; the address may be `host-gateway`. */
  readonly ExtraHosts?: readonly string[] | undefined
  readonly GroupAdd?: readonly string[] | undefined
  readonly IpcMode?: string | undefined
  readonly Cgroup?: string | undefined
  /** `container[:alias]`. */
  readonly Links?: readonly string[] | undefined
  readonly OomScoreAdj?: number | undefined
  readonly PidMode?: string | undefined
  readonly Privileged?: boolean | undefined
  readonly PublishAllPorts?: boolean | undefined
  readonly ReadonlyRootfs?: boolean | undefined
  readonly SecurityOpt?: readonly string[] | undefined
  readonly StorageOpt?: Readonly<Record<string, string>> | undefined
  /** Path → mount options. */
  readonly Tmpfs?: Readonly<Record<string, string>> | undefined
  readonly UTSMode?: string | undefined
  readonly UsernsMode?: string | undefined
  /** Bytes. */
  readonly ShmSize?: number | undefined
  readonly Sysctls?: Readonly<Record<string, string>> | undefined
  readonly Runtime?: string | undefined
  readonly Isolation?: string | undefined
  /** Absent: Docker's list; empty: nothing is masked. */
  readonly MaskedPaths?: readonly string[] | undefined
  readonly ReadonlyPaths?: readonly string[] | undefined
  readonly Init?: boolean | undefined
  /** Ours: whose files binds have. */
  readonly TscomposeBindOwner?: BindOwner | undefined
  /** Ours: where its processes may go outside of its networks, `10.0.0.0/8` or `192.0.2.1:443`; absent: everywhere. */
  readonly TscomposeEgress?: readonly string[] | undefined
  /** Ours: it reaches what the host listens on from internal networks, too. */
  readonly TscomposeHostAccess?: boolean | undefined
  /** Ours: when it sleeps as nobody comes to it, in nanoseconds. */
  readonly TscomposeSleep?: SleepTimes | undefined
  /** Ours: ports are published by listening sockets alone, so that the host's rules for INPUT hold for who comes from outside. */
  readonly TscomposePublish?: 'proxy' | undefined
}

/** Nanoseconds without connections after which a container stands still, and of standing still after which it ends; 0: never. */
export interface SleepTimes {
  readonly Freeze: number
  readonly Stop?: number
}

/** Limits, all hot (`update` takes them). Memory in bytes, cpu times in microseconds unless the name says nano. */
export interface Resources {
  readonly CpuShares?: number | undefined
  readonly Memory?: number | undefined
  readonly NanoCpus?: number | undefined
  readonly CgroupParent?: string | undefined
  readonly BlkioWeight?: number | undefined
  readonly BlkioWeightDevice?: readonly WeightDevice[] | undefined
  readonly BlkioDeviceReadBps?: readonly ThrottleDevice[] | undefined
  readonly BlkioDeviceWriteBps?: readonly ThrottleDevice[] | undefined
  readonly BlkioDeviceReadIOps?: readonly ThrottleDevice[] | undefined
  readonly BlkioDeviceWriteIOps?: readonly ThrottleDevice[] | undefined
  readonly CpuPeriod?: number | undefined
  readonly CpuQuota?: number | undefined
  readonly CpuRealtimePeriod?: number | undefined
  readonly CpuRealtimeRuntime?: number | undefined
  readonly CpusetCpus?: string | undefined
  readonly CpusetMems?: string | undefined
  readonly Devices?: readonly DeviceMapping[] | undefined
  readonly DeviceCgroupRules?: readonly string[] | undefined
  readonly DeviceRequests?: readonly DeviceRequest[] | undefined
  readonly KernelMemoryTCP?: number | undefined
  readonly MemoryReservation?: number | undefined
  /** Memory plus swap; −1 is unlimited. */
  readonly MemorySwap?: number | undefined
  readonly MemorySwappiness?: number | undefined
  readonly OomKillDisable?: boolean | undefined
  readonly PidsLimit?: number | undefined
  readonly Ulimits?: readonly Ulimit[] | undefined
  readonly CpuCount?: number | undefined
  readonly CpuPercent?: number | undefined
  readonly IOMaximumIOps?: number | undefined
  readonly IOMaximumBandwidth?: number | undefined
  /** Ours: what it shares with the others that name the same budget. */
  readonly TscomposeBudget?: Budget | undefined
}

/** Limits of several containers together, beside those of each. Absent or 0: no limit. */
export interface Budget {
  /** A project's name. */
  readonly Name: string
  /** Bytes. */
  readonly Memory?: number | undefined
  readonly NanoCpus?: number | undefined
  readonly PidsLimit?: number | undefined
}

export interface WeightDevice {
  readonly Path: string
  readonly Weight: number
}

/** `Rate` is bytes or operations a second, by the field it stands in. */
export interface ThrottleDevice {
  readonly Path: string
  readonly Rate: number
}

export interface DeviceMapping {
  readonly PathOnHost: string
  readonly PathInContainer: string
  /** Some of `rwm`. */
  readonly CgroupPermissions: string
}

export interface DeviceRequest {
  readonly Driver?: string | undefined
  readonly Count?: number | undefined
  readonly DeviceIDs?: readonly string[] | undefined
  readonly Capabilities?: readonly (readonly string[])[] | undefined
  readonly Options?: Readonly<Record<string, string>> | undefined
}

export interface Ulimit {
  readonly Name: string
  readonly Soft: number
  readonly Hard: number
}

export interface LogConfig {
  readonly Type?: string | undefined
  readonly Config?: Readonly<Record<string, string>> | undefined
}

/** Ours: whose files binds have, by numbers of the host: those of the container's user. */
export interface BindOwner {
  readonly Uid: number
  readonly Gid: number
  /** Only where the source, or a folder above it, is his. */
  readonly OwnAlone?: boolean | undefined
}

export interface RestartPolicy {
  /** `''` and `no` are the same. */
  readonly Name?: '' | 'no' | 'always' | 'unless-stopped' | 'on-failure' | undefined
  readonly MaximumRetryCount?: number | undefined
  /** Ours: a run that has become unhealthy is ended, and another one follows, whatever the policy says. */
  readonly TscomposeUnhealthy?: boolean | undefined
}

/** `80/tcp` → where it is published. In an inspect, an exposed port that is not published has `null`. */
export type PortMap = Readonly<Record<string, readonly PortBinding[] | null>>

export interface PortBinding {
  readonly HostIp?: string | undefined
  /** A number, a range `8000-8010`, or empty for any free one. */
  readonly HostPort?: string | undefined
}

export type MountType = 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster' | 'image'

export interface Mount {
  readonly Type?: MountType | undefined
  readonly Source?: string | undefined
  readonly Target?: string | undefined
  readonly ReadOnly?: boolean | undefined
  readonly Consistency?: string | undefined
  readonly BindOptions?: BindOptions | undefined
  readonly VolumeOptions?: VolumeOptions | undefined
  readonly ImageOptions?: ImageMountOptions | undefined
  readonly TmpfsOptions?: TmpfsOptions | undefined
}

export interface BindOptions {
  readonly Propagation?: string | undefined
  readonly NonRecursive?: boolean | undefined
  readonly CreateMountpoint?: boolean | undefined
  readonly ReadOnlyNonRecursive?: boolean | undefined
  readonly ReadOnlyForceRecursive?: boolean | undefined
}

export interface VolumeOptions {
  readonly NoCopy?: boolean | undefined
  readonly Labels?: Readonly<Record<string, string>> | undefined
  readonly DriverConfig?:
    | { readonly Name?: string; readonly Options?: Readonly<Record<string, string>> }
    | undefined
  readonly Subpath?: string | undefined
}

export interface ImageMountOptions {
  readonly Subpath?: string | undefined
}

export interface TmpfsOptions {
  readonly SizeBytes?: number | undefined
  /** Permission bits as a number. */
  readonly Mode?: number | undefined
  readonly Options?: readonly (readonly string[])[] | undefined
}
