import type { Drift } from './drift.ts'
import type { EndpointSettings } from './endpoints.ts'
import type { Filters } from './filters.ts'

/** Body of `POST /networks/create`. */
export interface NetworkCreateRequest {
  readonly Name: string
  readonly CheckDuplicate?: boolean | undefined
  readonly Driver?: string | undefined
  readonly Scope?: string | undefined
  readonly Internal?: boolean | undefined
  readonly Attachable?: boolean | undefined
  readonly Ingress?: boolean | undefined
  readonly ConfigOnly?: boolean | undefined
  readonly ConfigFrom?: { readonly Network: string } | undefined
  readonly IPAM?: IPAM | undefined
  readonly EnableIPv4?: boolean | undefined
  readonly EnableIPv6?: boolean | undefined
  readonly Options?: Readonly<Record<string, string>> | undefined
  readonly Labels?: Readonly<Record<string, string>> | undefined
}

export interface NetworkCreateResponse {
  readonly Id: string
  readonly Warning: string
}

export interface IPAM {
  readonly Driver?: string | undefined
  readonly Config?: readonly IPAMConfig[] | undefined
  readonly Options?: Readonly<Record<string, string>> | undefined
}

/** The pools that a network has, in an answer: null where there are none. */
export interface NetworkIPAM {
  readonly Driver: string
  readonly Options: Readonly<Record<string, string>> | null
  readonly Config: readonly IPAMConfig[] | null
}

/** One pool. */
export interface IPAMConfig {
  readonly Subnet?: string | undefined
  readonly IPRange?: string | undefined
  readonly Gateway?: string | undefined
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>> | undefined
}

/** `GET /networks/{id}`, and a row of the list (there `Containers` is empty). */
export interface NetworkInspect {
  readonly Name: string
  readonly Id: string
  /** RFC 3339. */
  readonly Created: string
  readonly Scope: string
  readonly Driver: string
  readonly EnableIPv4: boolean
  readonly EnableIPv6: boolean
  readonly IPAM: NetworkIPAM
  readonly Internal: boolean
  readonly Attachable: boolean
  readonly Ingress: boolean
  readonly ConfigFrom: { readonly Network: string }
  readonly ConfigOnly: boolean
  /** Container id → its endpoint. */
  readonly Containers: Readonly<Record<string, NetworkContainer>>
  readonly Options: Readonly<Record<string, string>>
  readonly Labels: Readonly<Record<string, string>>
  /** Ours: where the kernel differs from the record. Absent on other engines. */
  readonly TscomposeDrift?: readonly Drift[]
}

export interface NetworkContainer {
  readonly Name: string
  readonly EndpointID: string
  readonly MacAddress: string
  /** With its prefix length. */
  readonly IPv4Address: string
  readonly IPv6Address: string
}

export interface NetworkListOptions {
  readonly filters: Filters
  /** Rows say who is on the network, as an inspect does. */
  readonly containers?: boolean
}

export interface NetworkConnectRequest {
  readonly Container: string
  readonly EndpointConfig?: EndpointSettings | undefined
}

export interface NetworkDisconnectRequest {
  readonly Container: string
  readonly Force?: boolean | undefined
}

export interface NetworkPruneResponse {
  /** Null where there was nothing to remove. */
  readonly NetworksDeleted: readonly string[] | null
}
