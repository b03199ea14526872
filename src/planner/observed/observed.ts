import type { ProjectLimits } from '../project/budget.ts'
import type { SealedSecrets } from '../spec/secrets.ts'
import type { StoredSpec } from '../spec/stored.ts'

/**
 * One snapshot of what the engine has of a project, labels already read. It is the planner's only source on the world:
 * taken once (`src/executor/observe/observe.ts`), plain data, in no particular order (the planner sorts where order matters).
 */
export interface Observed {
  readonly project: string
  /** Every container that carries the project's label, running or not, one-offs included. */
  readonly containers: readonly ObservedContainer[]
  /** Networks of the project by label, and those with a name that the project wants (external or unlabelled). */
  readonly networks: readonly ObservedNetwork[]
  /** Volumes of the project by label, and those with a name that the project wants. */
  readonly volumes: readonly ObservedVolume[]
  /** Local images by the reference that the project uses for them; a reference that is not here is not local. */
  readonly images: Readonly<Record<string, ObservedImage>>
  /** What the engine was told that services without a container are called; absent on other engines. */
  readonly names?: readonly string[]
}

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead'

export interface ObservedContainer {
  readonly id: string
  /** Without the leading slash. */
  readonly name: string
  readonly service: string
  /** `com.docker.compose.container-number`; 0 where it is absent (one-offs). */
  readonly number: number
  readonly oneOff: boolean
  /** It removes itself when it has ended. */
  readonly autoRemove?: true
  /** A kept `pre_start` container: it belongs to a service but is no replica. */
  readonly hook: boolean
  readonly state: ContainerState
  readonly health?: 'starting' | 'healthy' | 'unhealthy'
  readonly exitCode?: number
  readonly labels: Readonly<Record<string, string>>
  /** Empty where the label is absent: such containers are not ours to reconcile. */
  readonly configHash: string
  /** The normalised service that the container was made from, where our label has it. */
  readonly spec?: StoredSpec
  /** Its variables, the image's too. */
  readonly environment: Readonly<Record<string, string>>
  /** Digests of its secret values, where the engine keeps the key to them. */
  readonly sealed?: SealedSecrets
  /** Digest of the image that the container was made from (`com.docker.compose.image`, else the container's image id). */
  readonly imageDigest: string
  readonly networks: readonly ObservedAttachment[]
  /** Ports of the host that it has while it runs. */
  readonly ports: readonly ObservedPort[]
  /** What it asks its engine to publish, `80/tcp` → where, whether or not it runs; absent where that is nothing. */
  readonly bindings?: ObservedBindings
  readonly mounts: readonly ObservedMount[]
  /** Containers whose namespaces or volumes this one uses, by id. */
  readonly parents: readonly string[]
  /** What it calls others on the default bridge: `container:alias`. */
  readonly oldLinks?: readonly string[]
  /** It is in another's network, and stays in it when that one is restarted or replaced; never on other engines. */
  readonly staysInNetwork?: true
  /**
   * It waits beside the one whose place it takes, has its names and ports, or has none any more, since another has them; never on other engines.
   */
  readonly relief?: 'waiting' | 'serving' | 'relieved'
  /** Fields of its create request that its engine can change while it runs; never on other engines. */
  readonly adapts?: readonly string[]
  /** Fields that its engine could change of another container, and why not of this one. */
  readonly fixed?: Readonly<Record<string, string>>
  /** What of `x-tscompose` it was made with; absent where another engine is asked, which knows none of it. */
  readonly extensions?: readonly AppliedExtension[]
  /** Where kernel and record disagree, as the engine reports it (`TscomposeDrift`); empty on other engines. */
  readonly drift: readonly Drift[]
  /** Its engine puts right what drifts of it as it goes. */
  readonly mended?: true
  /** The limits of a project that it shares, as our engine tells them. */
  readonly budget?: ProjectLimits
}

/** What of `x-tscompose` is sent to our own engine alone: a container that was made as by another's does not have it, whatever its labels say. */
export type AppliedExtension = 'egress' | 'host_access' | 'probe' | 'publish' | 'sleep'

export interface ObservedAttachment {
  readonly name: string
  /** Empty for a container that never ran on some engines. */
  readonly id: string
  /** Those that it has while it runs, without prefix length. */
  readonly addresses: readonly string[]
  /** What it was asked to have there; absent where another engine is asked, which tells it otherwise. */
  readonly terms?: EndpointTerms
}

/** All that an endpoint is asked to have, in the file's words; an interface's name is one of the driver's options. */
export interface EndpointTerms {
  readonly aliases: readonly string[]
  readonly links: readonly string[]
  readonly driver_opts: Readonly<Record<string, string>>
  readonly gw_priority?: number | undefined
  readonly ipv4_address?: string | undefined
  readonly ipv6_address?: string | undefined
  readonly link_local_ips?: readonly string[] | undefined
  readonly mac_address?: string | undefined
}

/** A port of the host, at one of its addresses or all of a family. */
export interface ObservedPort {
  readonly hostIp: string
  readonly number: number
  readonly protocol: string
}

/** By the container's port, as the engine's API has them. */
export type ObservedBindings = Readonly<
  Record<
    string,
    readonly { readonly HostIp?: string | undefined; readonly HostPort?: string | undefined }[] | null
  >
>

export interface ObservedMount {
  readonly type: string
  /** The volume's name; empty for other types. */
  readonly name: string
  readonly source: string
  readonly target: string
}

export interface ObservedNetwork {
  readonly id: string
  readonly name: string
  /** The key in the Compose file (`com.docker.compose.network`), empty without the label. */
  readonly key: string
  /** Project by label, empty when something else made the network. */
  readonly project: string
  readonly driver: string
  readonly configHash: string
  readonly spec?: StoredSpec
  /** Every container attached, ours or not. */
  readonly containers: readonly {
    readonly id: string
    readonly name: string
    /** Without prefix length; absent where nobody has told. */
    readonly addresses?: readonly string[]
  }[]
  readonly drift: readonly Drift[]
}

export interface ObservedVolume {
  readonly name: string
  readonly key: string
  readonly project: string
  readonly driver: string
  readonly configHash: string
  readonly spec?: StoredSpec
  /** As they were given to the driver. */
  readonly options: Readonly<Record<string, string>>
}

export interface ObservedImage {
  readonly id: string
  /** What `com.docker.compose.image` holds: the image id (the config's digest). */
  readonly digest: string
  /** Paths of `VOLUME`. */
  readonly volumes: readonly string[]
  /** When this engine last tagged or pulled it, RFC 3339; windowed pull policies (`daily`) need it. */
  readonly lastTagged?: string
  readonly labels: Readonly<Record<string, string>>
}

/** One thing in the kernel that is not as the record says. */
export interface Drift {
  /** As `cgroup.memory.max` or `endpoints.lamp_back.veth`. */
  readonly path: string
  readonly want: string
  readonly got: string
  /**
   * What puts it right: `restart` (and start, the default), a full `recreate`, an `update` of a limit, the engine where it stands (`place`), or
   * nothing of ours that leaves the container (`none`).
   */
  readonly repair?: 'restart' | 'recreate' | 'update' | 'place' | 'none' | 'unseen'
  /** The field of the engine's update that it is about. */
  readonly field?: string
}
