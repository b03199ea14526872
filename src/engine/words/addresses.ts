/** `172.18.0.2` of `172.18.0.2/24`. */
export function addressOnly(address: string): string {
  const slash = address.indexOf('/')
  return slash < 0 ? address : address.slice(0, slash)
}

/** All of several endpoints, without prefix lengths. */
export function addressesOf(
  endpoints: readonly { readonly addresses: readonly string[]; readonly kept?: readonly string[] }[],
): string[] {
  return endpoints.flatMap(({ addresses, kept = [] }) => [...addresses, ...kept].map(addressOnly))
}

/** `24` of `172.18.0.2/24`. */
export function prefixLengthOf(address: string): number {
  const slash = address.indexOf('/')
  return slash < 0 ? 0 : Number(address.slice(slash + 1))
}

/** Whether it is an IPv6 address, with or without prefix length. */
export function isIPv6(address: string): boolean {
  return address.includes(':')
}
