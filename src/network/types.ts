/** `4` or `6`. */
export type Family = 4 | 6

/** One subnet of a network, all of it decided: what `ipam.config` asked for, completed by `planSubnets`. */
export interface Subnet {
  /** Canonical CIDR, `172.18.0.0/24` or `fd5c:…::/64`. */
  readonly subnet: string
  /** The bridge's own address in it, without a prefix length. */
  readonly gateway: string
  /** Only this part of the subnet is handed out when nobody asks for an address; CIDR. */
  readonly ipRange?: string
  /** Addresses that belong to others (name → address) and are never handed out. */
  readonly auxAddresses?: Readonly<Record<string, string>>
}

/** What the kernel needs to know of a bridge network. The engine's network record contains all of it. */
export interface BridgeNetwork {
  /** 64 hex digits. */
  readonly id: string
  readonly name: string
  /** No way outside: no masquerade, no forwarding but within the bridge, no default route, names asked of its own servers alone. */
  readonly internal: boolean
  readonly subnets: readonly Subnet[]
  /** Bytes; 1500 where not set (`com.docker.network.driver.mtu`). */
  readonly mtu?: number
  /** Outgoing traffic takes the host's address; true where not set (`…bridge.enable_ip_masquerade`). */
  readonly masquerade?: boolean
  /** Containers of this network may talk to each other; true where not set (`…bridge.enable_icc`). */
  readonly icc?: boolean
  /** A bridge name of the user's (`com.docker.network.bridge.name`) instead of `tsc-<id>`; at most 15 bytes. */
  readonly bridgeName?: string
}

/** A container's place in one network, all of it decided. The engine's container record contains all of it. */
export interface Endpoint {
  /** 64 hex digits; names the outside end of the veth pair. */
  readonly id: string
  readonly network: BridgeNetwork
  /** Name inside the container: `eth0`, `eth1` …, or the user's `interface_name`. */
  readonly interfaceName: string
  /** Lower case, `02:42:…`. */
  readonly macAddress: string
  /** Addresses with the subnet's prefix length, `172.18.0.2/24`; at most one a family, then link-local ones. */
  readonly addresses: readonly string[]
  /** The endpoint with the highest one gives the default route (`gw_priority`); 0 where not set. */
  readonly gwPriority?: number
}

export type Protocol = 'tcp' | 'udp' | 'sctp'

/** One published port, all of it decided. */
export interface PublishedPort {
  readonly protocol: Protocol
  /** `0.0.0.0`, `::` or one address. */
  readonly hostIp: string
  readonly hostPort: number
  readonly containerPort: number
}

/** A published port of a running container, with the address that it leads to. */
export interface PublishedTarget extends PublishedPort {
  /** Address of the container in `hostIp`'s family, or the other family's when it has no other. */
  readonly targetIp: string
  /** Id of the network that `targetIp` belongs to. */
  readonly networkId: string
}
