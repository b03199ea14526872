/** Ours: what a container was kept from, of `GET /tscompose/containers/{id}/refused`; a day after the last time it is forgotten. */
export type Refusal = RefusedDestination | RefusedName

/** Where it was kept from going. */
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

/** A name that it asked for and was not told. */
export interface RefusedName {
  /** `-`: one of other characters than names have. */
  readonly name: string
  readonly questions: number
  /** When it was asked for last: Unix time in milliseconds. */
  readonly last: number
}
