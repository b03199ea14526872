import { failure } from '../diagnostics/index.ts'
import { addressBytes, formatAddress, parseAddress } from './ip/address.ts'
import type { Endpoint, Family } from './types.ts'
import { vethName } from './veth.ts'

/**
 * A container may make any frame with NET_RAW, which it has by default as with Docker: here each one's outside end lets
 * nothing in but frames with its own MAC and IP addresses, and no router advertisements or DHCP answers. A frame of a
 * kind that we can't judge (VLAN tags) is dropped. A veth that the table doesn't know yet passes freely.
 */
export function antiSpoofTable(table: string, endpoints: readonly Endpoint[]): string[] {
  const replace = [`add table bridge ${table}`, `delete table bridge ${table}`]
  if (endpoints.length === 0) return replace
  const jumps = endpoints.map(endpoint => `"${vethName(endpoint.id)}" : jump ${chainName(endpoint)}`)
  return [
    ...replace,
    `table bridge ${table} {`,
    ...endpoints.flatMap(guardChain),
    '\tchain prerouting {',
    '\t\ttype filter hook prerouting priority -300; policy accept;',
    `\t\tiifname vmap { ${jumps.join(', ')} }`,
    '\t}',
    '}',
  ]
}

function guardChain(endpoint: Endpoint): string[] {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(endpoint.macAddress)) throw unsafe(endpoint.macAddress)
  const rules = [
    `ether saddr != ${endpoint.macAddress} drop`,
    ...ipv4Rules(endpoint),
    ...ipv6Rules(addressesOf(endpoint, 6)),
    'drop',
  ]
  return [`\tchain ${chainName(endpoint)} {`, ...rules.map(rule => `\t\t${rule}`), '\t}']
}

/** 0.0.0.0 asks whether an address is taken, before it is used. */
function ipv4Rules(endpoint: Endpoint): string[] {
  const addresses = addressesOf(endpoint, 4)
  if (addresses.length === 0) return []
  return [
    `ether type arp arp saddr ether ${endpoint.macAddress} arp saddr ip { ${addresses.join(', ')}, 0.0.0.0 } accept`,
    'ether type ip udp sport 67 drop',
    `ether type ip ip saddr { ${addresses.join(', ')} } accept`,
  ]
}

/** A neighbour advertisement's target lies 8 bytes into the message; link-local ones are not ours to hand out. */
function ipv6Rules(addresses: readonly string[]): string[] {
  if (addresses.length === 0) return []
  const advertisement = 'ether type ip6 icmpv6 type nd-neighbor-advert'
  const targets = addresses.map(text => {
    const address = parseAddress(text)
    return `@th,64,128 != 0x${address ? addressBytes(address).toString('hex') : '0'}`
  })
  return [
    'ether type ip6 icmpv6 type nd-router-advert drop',
    'ether type ip6 udp sport 547 drop',
    `${advertisement} @th,64,10 != 0x3fa ${targets.join(' ')} drop`,
    `ether type ip6 ip6 saddr { ${addresses.join(', ')}, fe80::/10, :: } accept`,
  ]
}

function addressesOf(endpoint: Endpoint, family: Family): string[] {
  return endpoint.addresses.flatMap(text => {
    const address = parseAddress(text.replace(/\/.*/, ''))
    if (!address) throw unsafe(text)
    const linkLocal = text.startsWith('fe80:')
    return address.family === family && !linkLocal ? [formatAddress(address)] : []
  })
}

function chainName(endpoint: Endpoint): string {
  if (!/^[0-9a-f]{12,}$/.test(endpoint.id)) throw unsafe(endpoint.id)
  return `guard_${endpoint.id.slice(0, 12)}`
}

function unsafe(text: string): Error {
  return failure({
    code: 'FIREWALL_UNSAFE',
    kind: 'invalidArgument',
    summary: `Can't use ${JSON.stringify(text)} in a firewall rule`,
  })
}
