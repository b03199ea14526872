/** Ours: where a container was kept from going, of `GET /tscompose/containers/{id}/refused`; a day after the last packet it is forgotten. */
export interface RefusedDestination {
  readonly address: string
  /** By its name where it has a usual one, else its number. */
  readonly protocol: string
  /** 0 of protocols without ports. */
  readonly port: number
  readonly packets: number
  /** When the last one was: Unix time in milliseconds. */
  readonly last: number
}
