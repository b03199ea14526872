import { ERRNO } from '../linux/errno.ts'
import type { NetlinkOp } from '../native/index.ts'
import { containerNetlink } from './bridge.ts'
import { addressBytes, parseAddress } from './ip/address.ts'
import {
  type ChainPlace,
  goto,
  headerIs,
  headerIsNot,
  newBaseChain,
  newChain,
  newRule,
  newTable,
  nftBatch,
  removeChain,
  verdict,
} from './netlink/index.ts'
import type { Endpoint, Family } from './types.ts'

const TABLE = 'tscompose_guard'
/** Linux is told to have no table of this family, or no hook for what leaves a device. */
const NO_EGRESS = [ERRNO.EAFNOSUPPORT, ERRNO.EOPNOTSUPP]

/**
 * Holds a container to its own addresses: with NET_RAW, which it has by default as with Docker, it may make any frame.
 * What leaves by the endpoint's interface must have its MAC and one of its IP addresses, ARP and neighbour discovery may
 * speak of these alone, and nothing may play the router or the DHCP server; a frame of a kind that can't be judged (VLAN
 * tags) is dropped. Not for a container with NET_ADMIN: it may rightly route for others, and could take the rules away.
 *
 * The rules lie in the container's own network namespace, on the way out of its interface (AF_PACKET passes there, too):
 * they are there before the payload, cost no nft, and go with the namespace. A kernel without that hook has no guard.
 */
export function guardOp(endpoint: Endpoint): NetlinkOp {
  return {
    ...containerNetlink(`guard ${endpoint.interfaceName}`, compile(endpoint), NO_EGRESS),
    protocol: 'netfilter',
  }
}

/** Removes what `guardOp` made, if it did: the chain would stay without its interface. */
export function unguardOp(endpoint: Endpoint): NetlinkOp {
  const { base, ipv6 } = placesOf(endpoint)
  const bytes = nftBatch(newTable('netdev', TABLE), removeChain(base), removeChain(ipv6))
  return {
    ...containerNetlink(`end the guard of ${endpoint.interfaceName}`, bytes, NO_EGRESS),
    protocol: 'netfilter',
  }
}

/** The chain that an interface's frames come to, and the one for IPv6. */
function placesOf({ interfaceName }: Endpoint): { readonly base: ChainPlace; readonly ipv6: ChainPlace } {
  const place = { family: 'netdev', table: TABLE } as const
  return { base: { ...place, name: interfaceName }, ipv6: { ...place, name: `${interfaceName} IPv6` } }
}

function compile(endpoint: Endpoint): Buffer {
  const { base, ipv6 } = placesOf(endpoint)
  const mac = endpoint.macAddress.split(':').map(byte => Number.parseInt(byte, 16))
  const [four, six] = [addressesOf(endpoint, 4), addressesOf(endpoint, 6)]
  return nftBatch(
    newTable('netdev', TABLE),
    newBaseChain({ ...base, device: endpoint.interfaceName, priority: 0, policy: 'drop' }),
    ...(six.length === 0 ? [] : [newChain(ipv6), ...ipv6Rules(ipv6, six)]),
    ...(six.length === 0 ? [] : [newRule(base, [...is(SOURCE_MAC, [...mac, ...IP6.type]), goto(ipv6.name)])]),
    ...ipv4Rules(mac, four).map(rule => newRule(base, rule)),
  )
}

// Offsets in a frame, all from its first byte: where its sender says that a header begins counts for nothing.
const SOURCE_MAC = 6
const ARP = { type: [0x08, 0x06], sender: 22 } as const
const IP4 = { type: [0x08, 0x00], length: 14, protocol: 23, source: 26, ports: 34 } as const
const IP6 = { type: [0x86, 0xdd], next: 20, source: 22, payload: 54, target: 62 } as const
const [UDP, ICMP6] = [17, 58]
/** Ethernet and IPv4, with addresses of 6 and 4 bytes. */
const ARP_KIND = [0, 1, 0x08, 0, 6, 4]
/** From a server's port to a client's. */
const DHCP = { 4: [0, 67, 0, 68], 6: [0x02, 0x23, 0x02, 0x22] } as const
const ND = { router: 134, solicitation: 135, advertisement: 136, redirect: 137 } as const
/** Multicast listener reports come behind an option (router alert) of 8 bytes. */
const LISTENER_REPORT = 143
/** Headers that could hide another: options by hop, routing, options for the destination. */
const HIDING_HEADERS = [0, 43, 60]
/** fe80::/64, where every interface gives itself an address. */
const LINK_LOCAL = [0xfe, 0x80, 0, 0, 0, 0, 0, 0]
const ANY4 = [0, 0, 0, 0]
const ANY6 = new Array<number>(16).fill(0)

type Bytes = readonly number[] | Uint8Array

const is = (offset: number, bytes: Bytes): Buffer[] =>
  headerIs({ base: 'frame', offset }, Uint8Array.from(bytes))
const not = (offset: number, bytes: Bytes): Buffer[] =>
  headerIsNot({ base: 'frame', offset }, Uint8Array.from(bytes))
const rule = (code: 'accept' | 'drop', ...tests: readonly Buffer[][]): Buffer[] => [
  ...tests.flat(),
  verdict(code),
]

/** In an ARP message 0.0.0.0 asks whether an address is taken, before it is used. */
function ipv4Rules(mac: readonly number[], addresses: readonly Bytes[]): Buffer[][] {
  if (addresses.length === 0) return []
  const ip4 = is(SOURCE_MAC, [...mac, ...IP4.type])
  const arp = is(SOURCE_MAC, [...mac, ...ARP.type, ...ARP_KIND])
  const udp = [...ip4, ...is(IP4.protocol, [UDP])]
  return [
    rule('drop', udp, is(IP4.ports, DHCP[4])),
    // Options would hide the ports.
    rule('drop', udp, not(IP4.length, [0x45])),
    ...addresses.map(own => rule('accept', ip4, is(IP4.source, own))),
    ...[...addresses, ANY4].map(own => rule('accept', arp, is(ARP.sender, [...mac, ...own]))),
  ]
}

/** Link-local addresses are not ours to hand out, so each interface may have any; `::` asks whether one is taken. */
function ipv6Rules(place: ChainPlace, addresses: readonly Bytes[]): Buffer[] {
  const foreign = [LINK_LOCAL, ...addresses].map(own => not(IP6.target, own))
  return [
    ...sameForAll(place),
    newRule(place, rule('drop', icmp(ND.advertisement), ...foreign)),
    ...[LINK_LOCAL, ...addresses].map(own => newRule(place, rule('accept', is(IP6.source, own)))),
  ]
}

/** The rules that no address is in, by the name of their chain. */
const compiled = new Map<string, readonly Buffer[]>()

function sameForAll(place: ChainPlace): readonly Buffer[] {
  const known = compiled.get(place.name)
  if (known !== undefined) return known
  const rules = [
    rule('drop', icmp(ND.router)),
    rule('drop', icmp(ND.redirect)),
    rule('drop', is(IP6.next, [UDP]), is(IP6.payload, DHCP[6])),
    rule('accept', is(IP6.next, [0]), is(IP6.payload, [ICMP6, 0]), is(IP6.target, [LISTENER_REPORT])),
    ...HIDING_HEADERS.map(header => rule('drop', is(IP6.next, [header]))),
    rule('accept', icmp(ND.solicitation), is(IP6.source, ANY6)),
  ].map(each => newRule(place, each))
  compiled.set(place.name, rules)
  return rules
}

function icmp(type: number): Buffer[] {
  return [...is(IP6.next, [ICMP6]), ...is(IP6.payload, [type])]
}

function addressesOf(endpoint: Endpoint, family: Family): Uint8Array[] {
  return endpoint.addresses.flatMap(text => {
    const address = parseAddress(text.replace(/\/.*/, ''))
    return address?.family === family && !text.startsWith('fe80:') ? [addressBytes(address)] : []
  })
}
