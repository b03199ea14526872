import { describe, expect, test } from 'vitest'
import { judge } from '../netlink/interpreter.test-support.ts'
import { type GuardedInterface, guardOp } from './anti-spoof.ts'

const ENDPOINT: GuardedInterface = {
  interfaceName: 'eth0',
  macAddress: '02:00:00:00:00:01',
  addresses: ['172.18.0.2/24', 'fd00::2/64', 'fe80::7/64'],
}
const OWN = '020000000001'
const OTHER = '020000000099'
const v4 = (last: number): string => `ac1200${last.toString(16).padStart(2, '0')}`
const v6 = (last: number, head = 'fd00'): string => `${head}${last.toString(16).padStart(28, '0')}`
const LINK_LOCAL = v6(7, 'fe80')
const ANY6 = v6(0, '0000')

/** A frame of hex digits: to everybody, from a MAC, of a type. */
const frame = (type: string, body: string, mac = OWN): string => `ffffffffffff${mac}${type}${body}`
const arp = (sender: string, address: string, mac = OWN): string =>
  frame('0806', `0001080006040002${sender}${address}`.padEnd(56, '0'), mac)
/** An IPv4 packet with UDP or TCP ports. */
const ip4 = (source: string, more: { protocol?: string; ports?: string; head?: string }): string =>
  frame(
    '0800',
    `${more.head ?? '45'}00001c0000000040${more.protocol ?? '11'}0000${source}${v4(1)}${more.ports ?? '12340035'}0000`,
  )
const ip6 = (source: string, next: string, payload: string): string =>
  frame('86dd', `600000000020${next}ff${source}${v6(1)}${payload.padEnd(64, '0')}`)
const advertisement = (target: string): string => `8800000060000000${target}`

const ask = (text: string, endpoint = ENDPOINT): string => judge(guardOp([endpoint]).bytes, text)

describe('a container is held to its own addresses', () => {
  test.each([
    ['own ARP', arp(OWN, v4(2)), 'accept'],
    ['whether an address is taken', arp(OWN, '00000000'), 'accept'],
    ['ARP of a neighbour', arp(OWN, v4(1)), 'drop'],
    ['ARP with another MAC', arp(OTHER, v4(2)), 'drop'],
    ['a frame from another MAC', arp(OWN, v4(2), OTHER), 'drop'],
    ['own TCP', ip4(v4(2), { protocol: '06' }), 'accept'],
    ['own UDP', ip4(v4(2), {}), 'accept'],
    ['own ICMP', ip4(v4(2), { protocol: '01' }), 'accept'],
    ['TCP of a neighbour', ip4(v4(1), { protocol: '06' }), 'drop'],
    ['UDP of a neighbour', ip4(v4(1), {}), 'drop'],
    ['a DHCP server', ip4(v4(2), { ports: '00430044' }), 'drop'],
    ['a DHCP server behind options', ip4(v4(2), { head: '46' }), 'drop'],
    ['a DHCP server that answers a relay agent', ip4(v4(2), { ports: '00430043' }), 'accept'],
    ['TCP between those ports', ip4(v4(2), { protocol: '06', ports: '00430044' }), 'accept'],
    ['own IPv6', ip6(v6(2), '06', ''), 'accept'],
    ['link-local IPv6', ip6(LINK_LOCAL, '11', '1234'), 'accept'],
    ['IPv6 of a neighbour', ip6(v6(1), '06', ''), 'drop'],
    ['a router advertisement', ip6(LINK_LOCAL, '3a', '86'), 'drop'],
    ['a redirect', ip6(LINK_LOCAL, '3a', '89'), 'drop'],
    ['a router advertisement behind an option', ip6(LINK_LOCAL, '3c', '3a00000000000000860000'), 'drop'],
    [
      'a router advertisement behind an option by hop',
      ip6(LINK_LOCAL, '00', '3a00000000000000860000'),
      'drop',
    ],
    ['a multicast listener report', ip6(LINK_LOCAL, '00', '3a000502000001008f0000'), 'accept'],
    ['an advertisement of its own address', ip6(v6(2), '3a', advertisement(v6(2))), 'accept'],
    ['an advertisement of a neighbour', ip6(v6(2), '3a', advertisement(v6(1))), 'drop'],
    ['a question of a neighbour', ip6(v6(2), '3a', `87000000000000${v6(1)}`), 'accept'],
    ['whether an IPv6 address is taken', ip6(ANY6, '3a', `87000000000000${v6(2)}`), 'accept'],
    ['anything else from no address', ip6(ANY6, '11', ''), 'drop'],
    ['a DHCPv6 server', ip6(LINK_LOCAL, '11', '02230222'), 'drop'],
    ['a frame within a VLAN', frame('8100', `00010800${'0'.repeat(80)}`), 'drop'],
    ['reverse ARP', frame('8035', '0'.repeat(56)), 'drop'],
    ['a frame that ends too early', frame('0800', '45'), 'drop'],
  ])('%s: %#', (_what, text, expected) => {
    expect(ask(text)).toBe(expected)
  })

  test('has nothing to say in a family that the container does not have', () => {
    const four = { ...ENDPOINT, addresses: ['172.18.0.2/24'] }
    expect(ask(ip6(LINK_LOCAL, '06', ''), four)).toBe('drop')
    expect(ask(arp(OWN, v4(2)), { ...ENDPOINT, addresses: ['fd00::2/64'] })).toBe('drop')
  })

  test('may answer by one network what was asked by another', () => {
    const other = {
      ...ENDPOINT,
      interfaceName: 'eth1',
      macAddress: '02:00:00:00:00:99',
      addresses: ['172.18.0.9/24'],
    }
    const ask = (text: string): string => judge(guardOp([ENDPOINT, other], true).bytes, text)
    expect([ask(ip4(v4(9), {})), ask(arp(OWN, v4(9)))]).toEqual(['accept', 'accept'])
    expect([ask(ip4(v4(8), {})), ask(arp(OTHER, v4(9), OTHER))]).toEqual(['drop', 'drop'])
  })
})
