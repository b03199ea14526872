/** Protocols that ports are of. */
export type Protocol = 'tcp' | 'udp' | 'sctp'

/** One published port, all of it decided. */
export interface PublishedPort {
  readonly protocol: Protocol
  /** `0.0.0.0`, `::` or one address. */
  readonly hostIp: string
  readonly hostPort: number
  readonly containerPort: number
}

/** Published ports of a running container that follow each other, and lead to ports that do, at one address. The ports are the first. */
export interface PublishedTarget extends PublishedPort {
  /** How many there are. */
  readonly count: number
  /** Address of the container in `hostIp`'s family, or the other family's when it has no other. */
  readonly targetIp: string
  /** Id of the network that `targetIp` belongs to. */
  readonly networkId: string
  /** The firewall leads nobody there: all come by the listening sockets. */
  readonly proxied?: boolean
}
