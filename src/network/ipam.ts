import { failure } from '../diagnostics/index.ts'
import type { HostAddresses } from './host-addresses.ts'
import type { Family, Subnet } from './types.ts'

/** What the user asked for: the Engine API's `IPAM.Config`, `EnableIPv4` and `EnableIPv6`. */
export interface SubnetRequest {
  readonly config: readonly {
    readonly subnet?: string
    readonly gateway?: string
    readonly ipRange?: string
    readonly auxAddresses?: Readonly<Record<string, string>>
  }[]
  readonly enableIPv4: boolean
  readonly enableIPv6: boolean
}

/**
 * Decides the subnets of a new network. What the user gave is checked (IPAM_INVALID_*, IPAM_OVERLAP) and completed; the
 * rest is chosen so that it overlaps neither `host` nor any of `others`: /24 out of Docker's pools 172.17.0.0/16 …
 * 172.31.0.0/16, then 192.168.0.0/16, and /64 out of a ULA prefix derived from `seed` (the engine's root) for IPv6.
 * Failure IPAM_POOLS_EXHAUSTED.
 */
export function planSubnets(
  request: SubnetRequest,
  taken: { readonly host: HostAddresses; readonly others: readonly Subnet[]; readonly seed: string },
): Subnet[] {
  throw failure({ code: 'NOT_YET', summary: taken.seed + String(request.enableIPv4) })
}

/** Which address an endpoint shall get. */
export interface AddressRequest {
  readonly family: Family
  /** Addresses of the network's other endpoints, without prefix length. */
  readonly used: readonly string[]
  /** The user's own choice (`ipv4_address`); anywhere in a subnet, range or not. Failure ADDRESS_* when it can't be. */
  readonly wanted?: string
  /** What this name had before: taken again if it is free, so that clients that remember it stay right. */
  readonly sticky?: string
  /** What other names had before: given away only when nothing else is left. */
  readonly avoid?: readonly string[]
}

/**
 * An address with its subnet's prefix length (`172.18.0.2/24`), or undefined where the network has no subnet of that
 * family. Failures ADDRESS_IN_USE, ADDRESS_OUTSIDE_SUBNET, ADDRESS_INVALID, ADDRESSES_EXHAUSTED.
 */
export function allocateAddress(subnets: readonly Subnet[], request: AddressRequest): string | undefined {
  throw failure({ code: 'NOT_YET', summary: String(subnets.length) + request.used.join() })
}
