import { type Failure, failure } from '../../diagnostics/index.ts'
import { type Address, type Family, formatAddress, parseAddress } from '../ip/address.ts'
import { containsAddress, lastOf, type Prefix, parsePrefix } from '../ip/prefix.ts'
import type { Subnet } from './subnets.ts'

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

/** A subnet with what may not be handed out of it. */
interface Pool {
  readonly subnet: Prefix
  readonly range: Prefix
  readonly reserved: ReadonlySet<bigint>
}

/**
 * An address with its subnet's prefix length (`172.18.0.2/24`), or undefined where the network has no subnet of that
 * family. Failures ADDRESS_IN_USE, ADDRESS_OUTSIDE_SUBNET, ADDRESS_INVALID, ADDRESSES_EXHAUSTED.
 */
export function allocateAddress(subnets: readonly Subnet[], request: AddressRequest): string | undefined {
  const pools = subnets.flatMap(poolOf).filter(pool => pool.subnet.family === request.family)
  if (request.wanted !== undefined && request.wanted !== '')
    return wantedAddress(pools, request, request.wanted)
  if (pools.length === 0) return undefined
  const used = values(request.used, request.family)
  const sticky = stickyAddress(pools, request, used)
  if (sticky) return sticky
  const careful = new Set([...used, ...values(request.avoid ?? [], request.family)])
  const found = firstOf(pools, careful) ?? firstOf(pools, used)
  if (found) return found
  throw exhausted(
    request.family,
    subnets.filter(({ subnet }) => parsePrefix(subnet)?.family === request.family),
  )
}

function exhausted(family: Family, subnets: readonly Subnet[]): Failure {
  const places = subnets.map(({ subnet, ipRange }) =>
    ipRange === undefined ? subnet : `the range ${ipRange} of ${subnet}`,
  )
  const isRange = subnets.some(({ ipRange }) => ipRange !== undefined)
  return failure({
    code: 'ADDRESSES_EXHAUSTED',
    kind: 'unavailable',
    summary: `No IPv${family} address is left in ${places.join(', ')}`,
    hint: isRange
      ? 'Give the network a larger ip_range, or none, with ipam.config; others of the subnet can be named by ipv4_address and ipv6_address'
      : 'Give the network a larger subnet with ipam.config',
  })
}

function poolOf(subnet: Subnet): Pool[] {
  const prefix = parsePrefix(subnet.subnet)
  if (!prefix) return []
  const range = subnet.ipRange === undefined ? prefix : (parsePrefix(subnet.ipRange) ?? prefix)
  const taken = values([subnet.gateway, ...Object.values(subnet.auxAddresses ?? {})], prefix.family)
  const edges = prefix.family === 4 ? [prefix.base, lastOf(prefix)] : [prefix.base]
  return [{ subnet: prefix, range, reserved: new Set([...taken, ...edges]) }]
}

function wantedAddress(pools: readonly Pool[], request: AddressRequest, wanted: string): string {
  const address = parseAddress(wanted)
  if (address?.family !== request.family)
    throw refused('ADDRESS_INVALID', wanted, `Can't read "${wanted}" as an IPv${request.family} address`)
  const pool = pools.find(({ subnet }) => containsAddress(subnet, address))
  if (!pool)
    throw refused(
      'ADDRESS_OUTSIDE_SUBNET',
      wanted,
      `Address "${wanted}" is in no subnet of the network`,
      'Set ipam.config.subnet of the network to one that contains it',
    )
  if (pool.reserved.has(address.value))
    throw refused(
      'ADDRESS_IN_USE',
      wanted,
      `Address "${wanted}" is no container's: it is the gateway's, an auxiliary one, or the first or last of its subnet`,
      'Choose another one',
      'conflict',
    )
  if (values(request.used, request.family).has(address.value))
    throw refused('ADDRESS_IN_USE', wanted, `Address "${wanted}" is in use`, 'Choose another one', 'conflict')
  return withLength(address, pool)
}

function stickyAddress(
  pools: readonly Pool[],
  request: AddressRequest,
  used: ReadonlySet<bigint>,
): string | undefined {
  const address = parseAddress((request.sticky ?? '').replace(/\/.*/, ''))
  if (!address || used.has(address.value)) return undefined
  const pool = pools.find(({ subnet }) => containsAddress(subnet, address))
  return pool && !pool.reserved.has(address.value) ? withLength(address, pool) : undefined
}

/** Lowest address that is free. Ends after as many steps as addresses are taken, however large the range is. */
function firstOf(pools: readonly Pool[], taken: ReadonlySet<bigint>): string | undefined {
  for (const pool of pools) {
    const last = lastOf(pool.range)
    for (let value = pool.range.base; value <= last; value++)
      if (!taken.has(value) && !pool.reserved.has(value))
        return withLength({ family: pool.range.family, value }, pool)
  }
  return undefined
}

function withLength(address: Address, pool: Pool): string {
  return `${formatAddress(address)}/${pool.subnet.length}`
}

function values(texts: readonly string[], family: Family): Set<bigint> {
  const found = new Set<bigint>()
  for (const text of texts) {
    const address = readAddress(text)
    if (address?.family === family) found.add(address.value)
  }
  return found
}

/** What was read of late: a network's addresses are all read again for each that is given. */
const read = new Map<string, Address | undefined>()
const MOST_READ = 8192

function readAddress(text: string): Address | undefined {
  const known = read.get(text)
  if (known !== undefined || read.has(text)) return known
  const address = parseAddress(text.replace(/\/.*/, ''))
  if (read.size === MOST_READ) read.clear()
  read.set(text, address)
  return address
}

function refused(
  code: string,
  address: string,
  summary: string,
  hint?: string,
  kind: 'invalidArgument' | 'conflict' = 'invalidArgument',
): Failure {
  return failure({ code, kind, summary, facts: { address }, ...(hint ? { hint } : {}) })
}
