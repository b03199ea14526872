// Made of the table ../attributes/deploy.ts by `npm run build`: change that.
import type { ByteSize, Duration, Extensions, Strings } from '../values.ts'

/** `deploy.update_config` and `deploy.rollback_config`. */
export interface UpdateConfig extends Extensions {
  /** How many containers change at once. */
  readonly parallelism?: number
  /** Time between two groups. */
  readonly delay?: Duration
  /** What to do after a failure. */
  readonly failure_action?: string
  /** Time in which a task may still fail. */
  readonly monitor?: Duration
  /** Share of failures that is tolerated. */
  readonly max_failure_ratio?: number
  /** Whether the new task starts before the old one stops. */
  readonly order?: string
}

/** `deploy.resources.limits`; they win over the limits of the service itself. */
export interface ResourceLimits extends Extensions {
  /** CPUs, may be a fraction. */
  readonly cpus?: number
  /** Memory, such as 512m. */
  readonly memory?: ByteSize
  /** Number of processes. */
  readonly pids?: number
}

/** A request for devices such as GPUs; `count` -1 means all. */
export interface DeviceRequest extends Extensions {
  /** What the devices must be able to do, such as gpu. */
  readonly capabilities?: readonly string[]
  /** Driver that provides them. */
  readonly driver?: string
  /** How many devices, or all. */
  readonly count?: number
  /** Which devices, by id. */
  readonly device_ids?: readonly string[]
  /** Options of the driver. */
  readonly options?: Strings
}

/** A number of something that a machine has. */
export interface DiscreteResource extends Extensions {
  /** Name of the resource. */
  readonly kind: string
  /** How many of the resource. */
  readonly value: number
}

/** A resource that a cluster knows by name. */
export interface GenericResource extends Extensions {
  /** A kind and a number. */
  readonly discrete_resource_spec?: DiscreteResource
}

/** `deploy.resources.reservations`. */
export interface ResourceReservations extends Extensions {
  /** CPUs, may be a fraction. */
  readonly cpus?: number
  /** Memory, such as 256m. */
  readonly memory?: ByteSize
  /** Devices such as GPUs. */
  readonly devices?: readonly DeviceRequest[]
  /** Countable resources of the user's own. */
  readonly generic_resources?: readonly GenericResource[]
}

/** `deploy.resources`. */
export interface Resources extends Extensions {
  /** What they get at most. */
  readonly limits?: ResourceLimits
  /** What they get at least. */
  readonly reservations?: ResourceReservations
}

/** `deploy.restart_policy`; it wins over `restart`. */
export interface RestartPolicy extends Extensions {
  /** none, on-failure or any. */
  readonly condition?: string
  /** Time before the next attempt. */
  readonly delay?: Duration
  /** Attempts before giving up. */
  readonly max_attempts?: number
  /** Time after which a start counts as a success. */
  readonly window?: Duration
}

/** What a cluster spreads containers over. */
export interface PlacementPreference extends Extensions {
  /** Label whose values tasks are spread over. */
  readonly spread?: string
}

/** `deploy.placement`. */
export interface Placement extends Extensions {
  /** Conditions that a node must meet. */
  readonly constraints?: readonly string[]
  /** What to spread tasks over. */
  readonly preferences?: readonly PlacementPreference[]
  /** Most tasks on one node. */
  readonly max_replicas_per_node?: number
}

/** `services.*.deploy`: how many containers run, with which limits; most else needs a cluster. */
export interface Deploy extends Extensions {
  /** replicated, global, or a job of either kind. */
  readonly mode?: string
  /** Number of containers. */
  readonly replicas?: number
  /** Labels of the swarm service, not of its containers. */
  readonly labels?: Strings
  /** How an update goes on. */
  readonly update_config?: UpdateConfig
  /** How an update is taken back. */
  readonly rollback_config?: UpdateConfig
  /** What the containers may use. */
  readonly resources?: Resources
  /** When a container is started again. */
  readonly restart_policy?: RestartPolicy
  /** On which nodes of a swarm tasks run. */
  readonly placement?: Placement
  /** How a cluster reaches the service: vip or dnsrr. */
  readonly endpoint_mode?: string
}
