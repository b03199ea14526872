import { ERRNO } from '../../linux/errno.ts'
import type { NetlinkOp } from '../../native/index.ts'
import { addressBytes, type Family, parseAddress } from '../ip/address.ts'
import {
  BytePatterns,
  type ChainPlace,
  containerNetlink,
  goto,
  headerIs,
  headerIsNot,
  newBaseChain,
  newChain,
  newRule,
  newTable,
  nftBatch,
  removeTable,
  verdict,
} from '../netlink/index.ts'

/** An interface that a container is held to: the part of an `Endpoint` that rules are made of. */
export interface GuardedInterface {
  readonly interfaceName: string
  readonly macAddress: string
  /** With prefix length. */
  readonly addresses: readonly string[]
}

const TABLE = 'tscompose_guard'
/** What a kernel without tables of this family says, or without the hook for what leaves a device: such kernels have no guard. */
const NO_EGRESS = [ERRNO.EAFNOSUPPORT, ERRNO.EOPNOTSUPP, ERRNO.ENOENT]

/**
 * Holds a container to its own addresses: with NET_RAW, which it has by default as with Docker, it may make any frame.
 * What leaves by an interface must have its MAC and one of the container's IP addresses (an answer may leave by another
 * network than the question came by), ARP and neighbour discovery may speak of these alone, and nothing may play the
 * router or the DHCP server; a frame of a kind that can't be judged (VLAN tags) is dropped. Not for a container with
 * NET_ADMIN: it may rightly route for others, and could take the rules away.
 *
 * The rules lie in the container's own network namespace, on the way out of its interfaces (AF_PACKET passes there, too):
 * they are there before the payload, cost no nft, and go with the namespace. A kernel without that hook has no guard.
 * `endpoints` are all that the container has; `instead` of those that it had before.
 */
export function guardOp(endpoints: readonly GuardedInterface[], instead = false): NetlinkOp {
  const names = endpoints.map(endpoint => endpoint.interfaceName).join(', ')
  return {
    ...containerNetlink(`guard ${names || 'no interface'}`, compile(endpoints, instead), NO_EGRESS),
    protocol: 'netfilter',
  }
}

/** Of all containers with as many interfaces and addresses the rules are the same, with others of these in them. */
const patterns = new BytePatterns()

function compile(endpoints: readonly GuardedInterface[], instead: boolean): Buffer {
  const [four, six] = [addressesOf(endpoints, 4), addressesOf(endpoints, 6)]
  const names = endpoints.map(({ interfaceName }) => interfaceName)
  const shape = JSON.stringify([names, four.length, six.length, instead])
  return patterns.make(shape, [...endpoints.map(macOf), ...four, ...six], values =>
    compileRules({
      names,
      macs: values.slice(0, names.length),
      four: values.slice(names.length, names.length + four.length),
      six: values.slice(names.length + four.length),
      instead,
    }),
  )
}

interface Guarded {
  readonly names: readonly string[]
  /** By interface. */
  readonly macs: readonly Uint8Array[]
  readonly four: readonly Uint8Array[]
  readonly six: readonly Uint8Array[]
  readonly instead: boolean
}

function compileRules({ names, macs, four, six, instead }: Guarded): Buffer {
  return nftBatch(
    newTable('netdev', TABLE),
    ...(instead ? [removeTable('netdev', TABLE), newTable('netdev', TABLE)] : []),
    ...[IPV4, IPV6].map(place => newChain(place)),
    ...ipv4Rules(four).map(rule => newRule(IPV4, rule)),
    ...ipv6Rules(six),
    ...names.flatMap((name, index) => interfaceChain(name, macs[index] ?? [], four)),
  )
}

function macOf({ macAddress }: GuardedInterface): Uint8Array {
  return Uint8Array.from(macAddress.split(':'), byte => Number.parseInt(byte, 16))
}

/** The chain that an interface's frames come to, and those that it leads to. */
const PLACE = { family: 'netdev', table: TABLE } as const
const IPV4: ChainPlace = { ...PLACE, name: 'IPv4' }
const IPV6: ChainPlace = { ...PLACE, name: 'IPv6' }

/** In an ARP message 0.0.0.0 asks whether an address is taken, before it is used. */
function interfaceChain(interfaceName: string, mac: Bytes, addresses: readonly Bytes[]): Buffer[] {
  const place: ChainPlace = { ...PLACE, name: `from ${interfaceName}` }
  const arp = is(SOURCE_MAC, [...mac, ...ARP.type, ...ARP_KIND])
  return [
    newBaseChain({ ...place, hook: 'egress', device: interfaceName, priority: 0, policy: 'drop' }),
    newRule(place, [...is(SOURCE_MAC, [...mac, ...IP4.type]), goto(IPV4.name)]),
    newRule(place, [...is(SOURCE_MAC, [...mac, ...IP6.type]), goto(IPV6.name)]),
    ...[...addresses, ANY4].map(own => newRule(place, rule('accept', arp, is(ARP.sender, [...mac, ...own])))),
  ]
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

function ipv4Rules(addresses: readonly Bytes[]): Buffer[][] {
  const udp = is(IP4.protocol, [UDP])
  return [
    rule('drop', udp, is(IP4.ports, DHCP[4])),
    // Options would hide the ports.
    rule('drop', udp, not(IP4.length, [0x45])),
    ...addresses.map(own => rule('accept', is(IP4.source, own))),
  ]
}

/** Link-local addresses are not ours to hand out, so each interface may have any; `::` asks whether one is taken. */
function ipv6Rules(addresses: readonly Bytes[]): Buffer[] {
  if (addresses.length === 0) return []
  const foreign = [LINK_LOCAL, ...addresses].map(own => not(IP6.target, own))
  same ??= SAME_FOR_ALL.map(each => newRule(IPV6, each))
  return [
    ...same,
    newRule(IPV6, rule('drop', icmp(ND.advertisement), ...foreign)),
    ...[LINK_LOCAL, ...addresses].map(own => newRule(IPV6, rule('accept', is(IP6.source, own)))),
  ]
}

/** The rules that no address is in. */
const SAME_FOR_ALL: readonly Buffer[][] = [
  rule('drop', icmp(ND.router)),
  rule('drop', icmp(ND.redirect)),
  rule('drop', is(IP6.next, [UDP]), is(IP6.payload, DHCP[6])),
  rule('accept', is(IP6.next, [0]), is(IP6.payload, [ICMP6, 0]), is(IP6.target, [LISTENER_REPORT])),
  ...HIDING_HEADERS.map(header => rule('drop', is(IP6.next, [header]))),
  rule('accept', icmp(ND.solicitation), is(IP6.source, ANY6)),
]
let same: readonly Buffer[] | undefined

function icmp(type: number): Buffer[] {
  return [...is(IP6.next, [ICMP6]), ...is(IP6.payload, [type])]
}

function addressesOf(endpoints: readonly GuardedInterface[], family: Family): Uint8Array[] {
  return endpoints
    .flatMap(({ addresses }) => addresses)
    .flatMap(text => {
      const address = parseAddress(text.replace(/\/.*/, ''))
      return address?.family === family && !text.startsWith('fe80:') ? [addressBytes(address)] : []
    })
}
