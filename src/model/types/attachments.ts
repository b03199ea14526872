// Made of the table ../attributes/attachments.ts by `npm run build`: change that.
import type { Extensions, Strings } from '../values.ts'

/** How a service joins one network; null stands for "with all defaults". */
export interface NetworkAttachment extends Extensions {
  /** Further names on this network. */
  readonly aliases?: readonly string[]
  /** Options of the driver. */
  readonly driver_opts?: Strings
  /** Highest one gives the default route. */
  readonly gw_priority?: number
  /** Name of the interface in the container. */
  readonly interface_name?: string
  /** Fixed IPv4 address. */
  readonly ipv4_address?: string
  /** Fixed IPv6 address. */
  readonly ipv6_address?: string
  /** Link-local addresses. */
  readonly link_local_ips?: readonly string[]
  /** Hardware address on this network. */
  readonly mac_address?: string
  /** Order of joining, highest first. */
  readonly priority?: number
}

/** `services.*.ports[]` in long form, one entry a container port. */
export interface Port extends Extensions {
  /** A name of the port, for people to read. */
  readonly name?: string
  /** Of a cluster: host or ingress. */
  readonly mode?: string
  /** Address of the host to listen on, all by default. */
  readonly host_ip?: string
  /** Port in the container. */
  readonly target: number
  /** Text, may be a range `8000-8010` (first free one is taken); absent: a port that the engine picks. */
  readonly published?: string
  /** Protocol: tcp by default, udp or sctp. */
  readonly protocol?: string
  /** What is spoken on the port. */
  readonly app_protocol?: string
}
