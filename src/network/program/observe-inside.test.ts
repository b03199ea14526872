import { describe, expect, test } from 'vitest'
import { bridgeName } from '../drivers/bridge-device.ts'
import { type Endpoint, linkIndex } from '../drivers/driver.ts'
import { toldLinks } from '../drivers/links.ts'
import { endpoint, network, purposes } from '../drivers/networks.test-support.ts'
import { vethName } from '../drivers/veth.ts'
import type { Link } from '../netlink/index.ts'
import { mendInsideOps } from './mend-inside.ts'
import { type Inside, observeInside, type WantedInside } from './observe-inside.ts'

const own = endpoint(network('a'))
const wanted: WantedInside = { endpoints: [own], isOwnMaster: false }
const bridge: Link = { index: 0x1aaaaaaa, name: bridgeName(own.network), up: true, mtu: 1500 }
const outside: Link = {
  index: linkIndex(own),
  name: vethName(own.id),
  up: true,
  mtu: 1500,
  master: bridge.index,
}
const host = (...links: Link[]) => toldLinks(links, [])
const eth0: Link = {
  index: 2,
  name: 'eth0',
  up: true,
  kind: 'veth',
  peer: linkIndex(own),
  macAddress: own.macAddress,
  mtu: 1500,
}

function inside(link: Partial<Link> = {}, more: Partial<Inside> = {}): Inside {
  return {
    links: [
      { index: 1, name: 'lo', up: true },
      { ...eth0, ...link },
    ],
    addresses: [{ link: 2, address: '172.18.10.2/24' }],
    generation: 1,
    setRoutes: [],
    rules: [],
    routes: [
      { family: 4, subnet: '172.18.10.0/24', link: 2 },
      { family: 4, gateway: '172.18.10.1', link: 2 },
    ],
    ...more,
  }
}

const seen = (found: Inside, of: WantedInside = wanted, links = host(bridge, outside)): string[] =>
  observeInside(links, found, of).map(({ path, got }) => `${path} ${got}`)

describe('a container’s networks', () => {
  test('have not drifted as they were set up, with what the kernel adds', () => {
    expect(seen(inside())).toEqual([])
    const linkLocal = { link: 2, address: 'fe80::1/64' }
    expect(seen(inside({}, { addresses: [...inside().addresses, linkLocal] }))).toEqual([])
  })

  test('are told of by the cause alone', () => {
    const empty = { addresses: [], routes: [] }
    expect(seen(inside(), wanted, host(bridge)), 'no pair').toEqual(['endpoint.a.link missing'])
    expect(seen({ ...inside(), links: [], ...empty }, wanted)).toContain('endpoint.a.interface missing')
    expect(seen(inside({ up: false }, empty))).toEqual(['endpoint.a.interface.state down'])
    expect(seen(inside({}, empty))).toEqual(['endpoint.a.interface.address missing'])
    expect(seen(inside({}, { routes: [] }))).toEqual(['route.a missing', 'route.default missing'])
  })

  test('are a container’s own business where it may set them up, but for its pairs', () => {
    const master = { ...wanted, isOwnMaster: true }
    expect(seen(inside({ mtu: 1280 }, { addresses: [], routes: [] }), master)).toEqual([])
    expect(seen(inside(), master, host(bridge))).toEqual(['endpoint.a.link missing'])
  })

  test('are put right where they stand, and made anew where they are gone', () => {
    const mended = (found: Inside, links = host(bridge, outside)): string[] =>
      purposes(mendInsideOps({ path: '/proc/1/ns/net' }, links, found, wanted))
    expect(mended(inside({ up: false }))).toEqual([
      'container: bring loopback up',
      `host: make ${vethName(own.id)} a port of bridge tsc-aaaaaaaaaaa`,
      `host: set port ${vethName(own.id)}`,
      'container: set eth0 right',
      'container: set the default route via 172.18.10.1',
      'container: remove the default route of IPv6',
    ])
    expect(mended(inside(), host(bridge))).toEqual([
      'container: bring loopback up',
      `host: remove ${vethName(own.id)}`,
      'host: connect eth0 to bridge tsc-aaaaaaaaaaa',
      'container: guard eth0',
      'container: keep IPv6 off eth0',
      'container: give eth0 172.18.10.2/24',
      'container: set the default route via 172.18.10.1',
      'container: remove the default route of IPv6',
    ])
  })

  test('that are one address each have no route of a subnet', () => {
    const alone: Endpoint = { ...own, addresses: ['172.18.10.2/32'] }
    const found = inside({}, { addresses: [{ link: 2, address: '172.18.10.2/32' }], routes: [] })
    expect(seen(found, { ...wanted, endpoints: [alone] })).toEqual(['route.default missing'])
  })
})
