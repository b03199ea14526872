import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { linkIndex } from '../drivers/driver.ts'
import { SYSFS_LINKS } from '../drivers/links.ts'
import { endpoint, network, purposes } from '../drivers/networks.test-support.ts'
import type { Link } from '../netlink/index.ts'
import { type NamespaceContent, rejoinOps } from './rejoin.ts'

// What the machine has, whatever it has.
beforeEach(() => {
  vi.spyOn(SYSFS_LINKS, 'has').mockReturnValue(true)
  vi.spyOn(SYSFS_LINKS, 'indexOf').mockReturnValue(1)
  vi.spyOn(SYSFS_LINKS, 'masterOf').mockReturnValue('tsc-aaaaaaaaaaa')
  vi.spyOn(SYSFS_LINKS, 'portsOf').mockReturnValue([])
  vi.spyOn(SYSFS_LINKS, 'isUp').mockReturnValue(true)
  vi.spyOn(SYSFS_LINKS, 'mtuOf').mockReturnValue(1500)
})
afterEach(() => vi.restoreAllMocks())

const own = endpoint(network('a'))
const link: Link = {
  index: 2,
  name: 'eth0',
  up: true,
  kind: 'veth',
  peer: linkIndex(own),
  macAddress: own.macAddress,
}
const content = (more: Partial<Link> = {}, addresses = own.addresses): NamespaceContent => ({
  links: [
    { index: 1, name: 'lo', up: true },
    { ...link, ...more },
  ],
  addresses: addresses.map(address => ({ link: 2, address })),
})
const rejoin = (found: NamespaceContent): string[] => purposes(rejoinOps(found, [own], false))

describe('a namespace that a container comes back to', () => {
  test('keeps an interface that is as it should be', () => {
    expect(rejoin(content())).toEqual([
      'container: bring loopback up',
      'container: guard no interface',
      'container: bring eth0 up',
      'container: set the default route via 172.18.10.1',
      'container: remove the default route of IPv6',
    ])
  })

  test.each([
    ['another address', content({}, ['172.18.10.3/24'])],
    ['one address more', content({}, [...own.addresses, '172.18.10.3/24'])],
    ['another MAC', content({ macAddress: '02:00:00:00:00:02' })],
    ['the other end elsewhere', content({ peer: linkIndex({ id: 'f'.repeat(64) }) })],
  ])('has one with %s made anew', (_what, found) => {
    const ops = rejoin(found)
    expect(ops[1]).toBe('container: remove eth0 of before')
    expect(ops).toContain('host: connect eth0 to bridge tsc-aaaaaaaaaaa')
  })

  test('loses those of networks that it has left, and none of others', () => {
    const left = { ...link, index: 3, name: 'eth1', peer: linkIndex({ id: 'd'.repeat(64) }) }
    const others: Link[] = [
      { index: 4, name: 'wg0', up: true, kind: 'wireguard' },
      { index: 5, name: 'veth9', up: true, kind: 'veth', peer: 6 },
    ]
    const found = content()
    expect(
      rejoin({ ...found, links: [...found.links, left, ...others] }).filter(each => / of before$/.test(each)),
    ).toEqual(['container: remove eth1 of before'])
  })

  test('has one whose other end is on another bridge made anew', () => {
    vi.spyOn(SYSFS_LINKS, 'masterOf').mockReturnValue('br-other')
    expect(rejoin(content())).toContain('host: connect eth0 to bridge tsc-aaaaaaaaaaa')
  })
})
