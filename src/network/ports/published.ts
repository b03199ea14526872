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

/** A published port of a running container, with the address that it leads to. */
export interface PublishedTarget extends PublishedPort {
  /** Address of the container in `hostIp`'s family, or the other family's when it has no other. */
  readonly targetIp: string
  /** Id of the network that `targetIp` belongs to. */
  readonly networkId: string
}
