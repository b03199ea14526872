/** Ours: a line of `GET /tscompose/containers/{id}/dns-log`. */
export type DnsLogEntry = DnsLogQuestion | DnsLogLost

/** A question that the container's resolver has answered. */
export interface DnsLogQuestion {
  /** When: Unix time in microseconds. */
  readonly time: number
  /** Microseconds that it took. */
  readonly took: number
  readonly transport: 'udp' | 'tcp'
  /** Number of the type: 1 is A. */
  readonly type: number
  readonly rcode: number
  /** Who knew: `names` of networks, a `server`, which was `silent` at last, or nobody, for all networks are `internal`, or the name is `refused` by its egress. */
  readonly source: 'names' | 'server' | 'silent' | 'internal' | 'refused'
  /** The server that was asked last. */
  readonly server?: string
  /** Empty: the root. */
  readonly name: string
  readonly addresses: readonly string[]
}

/** Questions that could not be told, since nobody took them fast enough. */
export interface DnsLogLost {
  readonly lost: number
}
