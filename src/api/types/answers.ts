import type { EndpointIPAMConfig, EndpointSettings } from './endpoints.ts'

/** A request as an answer tells it: Docker says `null` for lists and maps that were not asked for. */
export type Told<T> = { readonly [K in keyof T]: T[K] | null }

/** An endpoint as an inspect tells it: each field is there. */
export interface EndpointAnswer {
  readonly IPAMConfig: EndpointIPAMConfig | null
  readonly Links: EndpointSettings['Links'] | null
  readonly Aliases: readonly string[] | null
  readonly MacAddress: string
  readonly DriverOpts: Readonly<Record<string, string>> | null
  readonly GwPriority: number
  readonly NetworkID: string
  readonly EndpointID: string
  readonly Gateway: string
  readonly IPAddress: string
  readonly IPPrefixLen: number
  readonly IPv6Gateway: string
  readonly GlobalIPv6Address: string
  readonly GlobalIPv6PrefixLen: number
  readonly DNSNames: readonly string[] | null
}
