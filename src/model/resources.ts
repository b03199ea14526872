import type { ByteSize, Duration, Extensions, Strings } from './values.ts'

/** One number for both limits, or each by itself; -1 means unlimited. */
export type Ulimit = number | { readonly soft: number; readonly hard: number }

/** A request for devices such as GPUs; `count` -1 means all. */
export interface DeviceRequest extends Extensions {
  readonly capabilities?: readonly string[]
  readonly driver?: string
  readonly count?: number
  readonly device_ids?: readonly string[]
  readonly options?: Strings
}

/** `services.*.blkio_config`. */
export interface BlkioConfig extends Extensions {
  readonly weight?: number
  readonly weight_device?: readonly { readonly path: string; readonly weight: number }[]
  readonly device_read_bps?: readonly DeviceRate[]
  readonly device_read_iops?: readonly DeviceRate[]
  readonly device_write_bps?: readonly DeviceRate[]
  readonly device_write_iops?: readonly DeviceRate[]
}

/** Bytes or operations a second of one block device. */
export interface DeviceRate extends Extensions {
  readonly path: string
  readonly rate: ByteSize
}

/** `deploy.resources.limits`. */
export interface ResourceLimits extends Extensions {
  readonly cpus?: number
  readonly memory?: ByteSize
  readonly pids?: number
}

/** `deploy.resources.reservations`. */
export interface ResourceReservations extends Extensions {
  readonly cpus?: number
  readonly memory?: ByteSize
  readonly devices?: readonly DeviceRequest[]
  readonly generic_resources?: readonly {
    readonly discrete_resource_spec?: { readonly kind: string; readonly value: number }
  }[]
}

/** `deploy.update_config` and `deploy.rollback_config`. */
export interface UpdateConfig extends Extensions {
  readonly parallelism?: number
  readonly delay?: Duration
  readonly failure_action?: string
  readonly monitor?: Duration
  readonly max_failure_ratio?: number
  readonly order?: string
}

/** `services.*.deploy`; features.md 2.4 says what local Compose applies of it. */
export interface Deploy extends Extensions {
  readonly mode?: string
  readonly replicas?: number
  readonly labels?: Strings
  readonly endpoint_mode?: string
  readonly resources?: {
    readonly limits?: ResourceLimits
    readonly reservations?: ResourceReservations
  } & Extensions
  readonly restart_policy?: {
    readonly condition?: string
    readonly delay?: Duration
    readonly max_attempts?: number
    readonly window?: Duration
  } & Extensions
  readonly placement?: {
    readonly constraints?: readonly string[]
    readonly preferences?: readonly { readonly spread?: string }[]
    readonly max_replicas_per_node?: number
  } & Extensions
  readonly update_config?: UpdateConfig
  readonly rollback_config?: UpdateConfig
}
