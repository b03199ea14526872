// Made of the table ../attributes/project.ts by `npm run build`: change that.
import type { ByteSize, Extensions, Strings } from '../values.ts'
import type { PublishChoice } from './extension.ts'
import type { KubernetesProject, KubernetesVolume } from './kubernetes.ts'
import type { Service } from './service.ts'

/** One address pool of a network. */
export interface IpamPool extends Extensions {
  /** The subnet, such as 172.28.0.0/16. */
  readonly subnet?: string
  /** Address of the gateway. */
  readonly gateway?: string
  /** Part of the subnet that containers get. */
  readonly ip_range?: string
  /** Addresses that are taken, by name. */
  readonly aux_addresses?: Strings
}

/** Where addresses of a network come from. */
export interface Ipam extends Extensions {
  /** Driver of addresses. */
  readonly driver?: string
  /** Pools that addresses are taken from. */
  readonly config?: readonly IpamPool[]
  /** Options of the driver of addresses. */
  readonly options?: Strings
}

/** A network of the project; `name` is its name in the engine. */
export interface Network extends Extensions {
  /** Its name in the engine, PROJECT_NETWORK by default. */
  readonly name: string
  /** Driver of the network, bridge by default. */
  readonly driver?: string
  /** Options of the driver. */
  readonly driver_opts?: Strings
  /** How the network gets its addresses. */
  readonly ipam: Ipam
  /** True: must exist, is never made or removed. */
  readonly external?: boolean
  /** Whether the network has no way out. */
  readonly internal?: boolean
  /** Whether containers outside of the project may join. */
  readonly attachable?: boolean
  /** Labels of the network. */
  readonly labels?: Strings
  /** Whether the network has IPv4, true by default. */
  readonly enable_ipv4?: boolean
  /** Whether the network has IPv6, false by default. */
  readonly enable_ipv6?: boolean
}

/** A named volume of the project; `name` is its name in the engine. */
export interface Volume extends Extensions {
  /** Its name in the engine, PROJECT_VOLUME by default. */
  readonly name: string
  /** Driver, local by default. */
  readonly driver?: string
  /** Options of the driver. */
  readonly driver_opts?: Strings
  /** True: must exist, is never made or removed. */
  readonly external?: boolean
  /** Labels of the volume. */
  readonly labels?: Strings
  /** What a volume becomes in Kubernetes, where Compose cannot say it. */
  readonly 'x-tscompose-kubernetes'?: KubernetesVolume
}

/** A secret: its bytes come from exactly one of file and environment, unless it is external. */
export interface Secret extends Extensions {
  /** Its name in the engine, PROJECT_SECRET by default. */
  readonly name: string
  /** Absolute path. */
  readonly file?: string
  /** Name of a variable. */
  readonly environment?: string
  /** Inline, or the value of `environment`, never printed; absent where the variable is not set. */
  readonly content?: string
  /** True: must exist, is never made or removed. */
  readonly external?: boolean
  /** Labels of the secret. */
  readonly labels?: Strings
  /** Driver of the secret (swarm). */
  readonly driver?: string
  /** Options of the driver. */
  readonly driver_opts?: Strings
  /** Driver of templates (swarm). */
  readonly template_driver?: string
}

/** A config: its bytes come from exactly one of file, environment and content, unless it is external. */
export interface Config extends Extensions {
  /** Its name in the engine, PROJECT_CONFIG by default. */
  readonly name: string
  /** Absolute path. */
  readonly file?: string
  /** Name of a variable. */
  readonly environment?: string
  /** Inline, or the value of `environment`, never printed; absent where the variable is not set. */
  readonly content?: string
  /** True: must exist, is never made or removed. */
  readonly external?: boolean
  /** Labels of the config. */
  readonly labels?: Strings
  readonly driver?: string
  readonly driver_opts?: Strings
  /** Driver of templates (swarm). */
  readonly template_driver?: string
}

/** A language model that services use. */
export interface Model extends Extensions {
  /** Name of the model in the engine. */
  readonly name?: string
  /** Reference of the model, as of an OCI artifact. */
  readonly model: string
  /** Most tokens of context. */
  readonly context_size?: number
  /** Flags of the inference engine. */
  readonly runtime_flags?: readonly string[]
}

/** What all containers of a project may use together. */
export interface ProjectBudget extends Extensions {
  /** Most memory of all containers together, as 512m. */
  readonly memory?: ByteSize
  /** Processors' worth of time of all containers together, as 1.5. */
  readonly cpus?: number
  /** Most processes and threads of all containers together. */
  readonly pids?: number
}

/** What tscompose alone knows of a project. */
export interface ProjectExtension extends Extensions {
  /** A budget that all containers of the project share, beside limits of their own. */
  readonly limits?: ProjectBudget
  /** Who reaches the published ports of services that say nothing: all, proxy or loopback. */
  readonly publish?: PublishChoice
}

/** What `config --format json` prints: the canonical model. */
export interface ComposeModel extends Extensions {
  /** Name of the project, the folder's name by default; containers, networks and volumes are named after it. */
  readonly name: string
  /** Enabled and selected services with what they depend on. */
  readonly services: Readonly<Record<string, Service>>
  /** Networks by name; services without networks join the one named default. */
  readonly networks?: Readonly<Record<string, Network>>
  /** Named volumes by name: data that outlives containers. */
  readonly volumes?: Readonly<Record<string, Volume>>
  /** Secrets by name, to be mounted by services below /run/secrets. */
  readonly secrets?: Readonly<Record<string, Secret>>
  /** Configs by name, to be mounted by services as files. */
  readonly configs?: Readonly<Record<string, Config>>
  /** Language models by name, to be used by services. */
  readonly models?: Readonly<Record<string, Model>>
  /** What tscompose alone knows of a project. */
  readonly 'x-tscompose'?: ProjectExtension
  /** What the project becomes in Kubernetes, where Compose cannot say it. */
  readonly 'x-tscompose-kubernetes'?: KubernetesProject
}
