import { type Address, bitsOf, type Family, formatAddress, parseAddress } from './address.ts'

/** A block of addresses, `172.18.0.0/24`. */
export interface Prefix {
  readonly family: Family
  /** First address; the host bits are zero. */
  readonly base: bigint
  readonly length: number
}

/** Parses CIDR. Host bits that are set are cleared (`172.18.0.5/24` is `172.18.0.0/24`), as Docker does. */
export function parsePrefix(text: string): Prefix | undefined {
  const [ip = '', length, ...more] = text.split('/')
  const address = parseAddress(ip)
  if (!address || length === undefined || more.length > 0 || !/^\d{1,3}$/.test(length)) return undefined
  return Number(length) <= bitsOf(address.family) ? prefixOf(address, Number(length)) : undefined
}

/** The block of that length around an address. */
export function prefixOf(address: Address, length: number): Prefix {
  const hostBits = BigInt(bitsOf(address.family) - length)
  return { family: address.family, base: (address.value >> hostBits) << hostBits, length }
}

/** Canonical CIDR text. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress({ family: prefix.family, value: prefix.base })}/${prefix.length}`
}

/** How many addresses it has. */
export function sizeOf(prefix: Prefix): bigint {
  return 1n << BigInt(bitsOf(prefix.family) - prefix.length)
}

/** The highest address: of IPv4 the broadcast address. */
export function lastOf(prefix: Prefix): bigint {
  return prefix.base + sizeOf(prefix) - 1n
}

export function containsAddress(prefix: Prefix, address: Address): boolean {
  return prefix.family === address.family && prefix.base <= address.value && address.value <= lastOf(prefix)
}

/** Whether an address is in a block that is written as CIDR. */
export function lies(address: Address, cidr: string): boolean {
  const prefix = parsePrefix(cidr)
  return prefix !== undefined && containsAddress(prefix, address)
}

export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  return outer.length <= inner.length && containsAddress(outer, { family: inner.family, value: inner.base })
}

export function overlaps(a: Prefix, b: Prefix): boolean {
  return containsPrefix(a, b) || containsPrefix(b, a)
}
