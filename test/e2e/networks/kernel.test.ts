import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Native, SetupOp } from '../../../src/native/index.ts'
import { bridgeName, ensureBridge, removeBridgeOps } from '../../../src/network/drivers/bridge-device.ts'
import { vethName } from '../../../src/network/drivers/veth.ts'
import {
  connectOps,
  disconnectOps,
  type Endpoint,
  Firewall,
  type FirewallState,
  firewallNetworks,
  routesOfAllTables,
} from '../../../src/network/index.ts'
import { endpointOps } from '../../../src/network/program/endpoints.ts'
import { eventually } from '../harness/eventually.ts'
import { endpointOf, Lab, networkOf, type Place } from '../harness/network-lab.ts'

describe('networks of the kernel', () => {
  const lab = new Lab()
  const front = networkOf('front', 1)
  const back = networkOf('back', 2, { internal: true })
  const other = networkOf('other', 3, {
    subnets: [{ subnet: '10.77.3.0/24', gateway: '10.77.3.1' }],
    options: { 'com.docker.network.bridge.name': 'br-other' },
  })
  const dbEnds = [endpointOf(back, 3)]
  const state: { -readonly [K in keyof FirewallState]: FirewallState[K] } = {
    networks: firewallNetworks([front, back, other]),
    published: [],
  }
  let host: Place, lan: Place, web: Place, db: Place, stranger: Place
  let native: Native
  let firewall: Firewall
  const open = (): Firewall => new Firewall({ engineId: 'abcdef', state: () => state, native })
  /** As the next engine does. */
  const openAnew = async (): Promise<void> => {
    firewall.close()
    firewall = open()
    await firewall.apply()
  }
  const setup = (...ops: SetupOp[]): Promise<unknown> => native.run({ setup: ops })
  const join = (place: Place, endpoints: readonly Endpoint[], guarded = false): Promise<unknown> =>
    setup({ op: 'openNetns', path: place.netns }, ...endpointOps(endpoints, guarded))

  beforeAll(async () => {
    const place = (): Promise<Place> => lab.place()
    ;[host, lan, web, db, stranger] = await Promise.all([place(), place(), place(), place(), place()])
    native = lab.native(host)
    firewall = open()
    await lab.run(host, 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1')
    await lab.run(host, `ip link add lan0 type veth peer name eth0 netns ${lan.pid}`)
    await lab.run(
      host,
      'ip addr add 192.0.2.1/24 dev lan0; ip -6 addr add 2001:db8::1/64 dev lan0 nodad; ip link set lan0 up',
    )
    await lab.run(
      lan,
      'ip addr add 192.0.2.2/24 dev eth0; ip -6 addr add 2001:db8::2/64 dev eth0 nodad; ip link set eth0 up',
    )
    await lab.run(
      lan,
      'ip route add 10.77.0.0/16 via 192.0.2.1; ip -6 route add fd00:77::/32 via 2001:db8::1',
    )
    for (const each of [front, back, other]) await ensureBridge(native, each)
    const webEnds = [endpointOf(front, 2), endpointOf(back, 2, 'eth1')]
    await join(web, webEnds, true)
    await join(db, dbEnds, true)
    await join(stranger, [endpointOf(other, 2)])
    await Promise.all([web, db, stranger].map(place => lab.serve(place, 80)))
    await lab.serve(lan, 80)
    const port = {
      protocol: 'tcp',
      hostPort: 8080,
      containerPort: 80,
      count: 1,
      networkId: front.id,
    } as const
    state.published = [
      { ...port, hostIp: '0.0.0.0', targetIp: '10.77.1.2' },
      { ...port, hostIp: '::', targetIp: 'fd00:77:1::2' },
      { ...port, hostIp: '127.0.0.1', hostPort: 8081, targetIp: '10.77.1.2' },
    ]
    await firewall.apply()
  })
  afterAll(() => lab.close())

  test('a bridge is up with its addresses, and may be ensured again', async () => {
    await ensureBridge(native, front, { engineId: 'abcdef', root: '/srv/root' })
    expect(await lab.run(host, `ip -d link show ${bridgeName(front)} | sed -n 's/^ *alias //p'`)).toBe(
      'tscompose network=front engine=abcdef root=/srv/root',
    )
    const [link] = JSON.parse(await lab.run(host, `ip -j addr show ${bridgeName(front)}`)) as [
      { flags: string[]; addr_info: { local: string; scope: string }[] },
    ]
    expect(link.flags).toContain('UP')
    const addresses = link.addr_info.filter(({ scope }) => scope === 'global').map(({ local }) => local)
    expect(addresses.sort()).toEqual(['10.77.1.1', 'fd00:77:1::1'])
    expect(await lab.run(host, `cat /proc/sys/net/ipv6/conf/${bridgeName(other)}/disable_ipv6`)).toBe('1')
  })

  test.each([1200, 9000])('a bridge keeps its MTU of %s when its last container has gone', async mtu => {
    const sized = networkOf('sized', 10, {
      subnets: [{ subnet: '10.77.10.0/24', gateway: '10.77.10.1' }],
      options: { 'com.docker.network.driver.mtu': String(mtu) },
    })
    await ensureBridge(native, sized)
    const bridge = bridgeName(sized)
    await lab.run(
      host,
      `ip link add last0 mtu ${mtu} type veth peer name last1; ip link set last0 master ${bridge}`,
    )
    await lab.run(host, 'ip link del last0')
    const [link] = JSON.parse(await lab.run(host, `ip -j link show ${bridge}`)) as [{ mtu: number }]
    expect(link.mtu).toBe(mtu)
    await setup(...removeBridgeOps(sized))
  })

  test('a bridge that gets an MTU with which it has IPv6 gets what is set of it as well', async () => {
    const grown = networkOf('grown', 11, { subnets: [{ subnet: '10.77.11.0/24', gateway: '10.77.11.1' }] })
    const bridge = bridgeName(grown)
    await ensureBridge(native, grown)
    await lab.run(host, `ip link set ${bridge} mtu 1200`)
    await ensureBridge(native, grown)
    expect(await lab.run(host, `cat /proc/sys/net/ipv6/conf/${bridge}/disable_ipv6`)).toBe('1')
    await setup(...removeBridgeOps(grown))
  })

  test('a bridge that somebody replaced is made again', async () => {
    const spare = networkOf('spare', 9)
    await lab.run(host, `ip link add ${bridgeName(spare)} type bridge`)
    await ensureBridge(native, spare)
    await ensureBridge(native, spare)
    expect(await lab.run(host, `ip -br addr show ${bridgeName(spare)}`)).toContain('10.77.9.1/24')
    await setup(...removeBridgeOps(spare), ...removeBridgeOps(spare))
    expect(await lab.run(host, 'ip -br link')).not.toContain(bridgeName(spare))
  })

  test('containers of one network reach each other in both families', async () => {
    expect(await lab.fetch(web, 'http://10.77.2.3/')).toBe('10.77.2.2')
    expect(await lab.fetch(db, 'http://[fd00:77:2::2]/')).toBe('fd00:77:2::3')
  })

  test('containers of a network without talk among them reach the outside alone', async () => {
    const quiet = networkOf('quiet', 8, { options: { 'com.docker.network.bridge.enable_icc': 'false' } })
    const [one, two] = [await lab.place(), await lab.place()]
    await ensureBridge(native, quiet)
    await join(one, [endpointOf(quiet, 2)])
    await join(two, [endpointOf(quiet, 3)])
    await lab.serve(two, 80)
    expect(await lab.fetch(one, 'http://10.77.8.3/')).toBeUndefined()
    expect(await lab.fetch(host, 'http://10.77.8.3/')).toBe('10.77.8.1')
    await setup(...removeBridgeOps(quiet))
  })

  test('an interface of a network without IPv6 has no IPv6 address', async () => {
    expect(await lab.run(stranger, 'ip -6 -br addr show eth0')).toBe('')
  })

  test('routes of all tables count as the host’s', async () => {
    await lab.run(host, 'ip route add 10.99.0.0/16 dev lan0 table 51820; ip rule add table 51820')
    const prefixes = await routesOfAllTables(native, [4, 6])
    for (const text of ['10.99.0.0/16', '10.77.1.0/24', '192.0.2.1/32', 'fd00:77:1::/64'])
      expect(prefixes).toContain(text)
  })

  test('a guarded container has no other address than its own', async () => {
    await lab.run(db, 'ip addr add 10.77.2.50/24 dev eth0; ip -6 addr add fd00:77:2::50/64 dev eth0 nodad')
    const answers = async (from: string, to: string): Promise<boolean> =>
      (await lab.fetch(db, `http://${to}/`, from)) === from
    const asked = [
      answers('10.77.2.3', '10.77.2.2'),
      answers('10.77.2.50', '10.77.2.2'),
      answers('fd00:77:2::3', '[fd00:77:2::2]'),
      answers('fd00:77:2::50', '[fd00:77:2::2]'),
    ]
    expect(await Promise.all(asked)).toEqual([true, false, true, false])
    await lab.run(db, 'ip addr del 10.77.2.50/24 dev eth0; ip -6 addr del fd00:77:2::50/64 dev eth0')
    await lab.run(db, 'ip link set eth0 address 02:00:00:00:00:99; ip neigh flush all')
    expect(await answers('10.77.2.3', '10.77.2.2')).toBe(false)
    await lab.run(db, `ip link set eth0 address ${dbEnds[0]?.macAddress}; ip neigh flush all`)
    expect(await answers('10.77.2.3', '10.77.2.2')).toBe(true)
  })

  test('a guarded container answers by its default route what came by another network', async () => {
    const two = await lab.place()
    await join(two, [endpointOf(front, 9), { ...endpointOf(other, 9, 'eth1'), gwPriority: 5 }], true)
    await lab.serve(two, 80)
    const port = { protocol: 'tcp', hostIp: '0.0.0.0', hostPort: 8090, containerPort: 80, count: 1 } as const
    state.published = [...state.published, { ...port, networkId: front.id, targetIp: '10.77.1.9' }]
    await firewall.apply()
    expect(await lab.fetch(lan, 'http://192.0.2.1:8090/')).toBe('192.0.2.2')
  })

  test('containers of different networks do not', async () => {
    const asked = [lab.fetch(stranger, 'http://10.77.1.2/'), lab.fetch(web, 'http://10.77.3.2/')]
    expect(await Promise.all(asked)).toEqual([undefined, undefined])
  })

  test('the outside is reached with the address of the host, but not from an internal network', async () => {
    expect(await lab.fetch(web, 'http://192.0.2.2/')).toBe('192.0.2.1')
    expect(await lab.fetch(web, 'http://[2001:db8::2]/')).toBe('2001:db8::1')
    await lab.run(db, 'ip route add default via 10.77.2.1')
    expect(await lab.fetch(db, 'http://192.0.2.2/')).toBeUndefined()
    await lab.run(db, 'ip route del default')
  })

  test('the outside does not reach addresses of containers', async () => {
    const asked = [lab.fetch(lan, 'http://10.77.1.2/'), lab.fetch(lan, 'http://[fd00:77:1::2]/')]
    expect(await Promise.all(asked)).toEqual([undefined, undefined])
  })

  test('a published port leads other machines to the container, which sees their address', async () => {
    expect(await lab.fetch(lan, 'http://192.0.2.1:8080/')).toBe('192.0.2.2')
    expect(await lab.fetch(lan, 'http://[2001:db8::1]:8080/')).toBe('2001:db8::2')
    // The host itself, by its own addresses.
    expect(await lab.fetch(host, 'http://192.0.2.1:8080/')).toBe('192.0.2.1')
    expect(await lab.fetch(host, 'http://[2001:db8::1]:8080/')).toBe('2001:db8::1')
    const others = [
      lab.fetch(host, 'http://127.0.0.1:8080/'),
      lab.fetch(lan, 'http://192.0.2.1:8081/'),
      lab.fetch(lan, 'http://10.77.1.2/'),
    ]
    expect(await Promise.all(others)).toEqual([undefined, undefined, undefined])
  })

  test('a flushed table is made again', async () => {
    expect(await firewall.observe()).toBe('present')
    await lab.run(host, 'nft flush ruleset')
    await eventually('the table is there again', async () => (await firewall.observe()) === 'present')
    expect(await lab.fetch(lan, 'http://192.0.2.1:8080/')).toBe('192.0.2.2')
  })

  test('a FORWARD chain that drops lets our bridges through, and keeps no rule of ours after the last network', async () => {
    await lab.run(
      host,
      `nft 'add table ip filter; add chain ip filter DOCKER-USER; add chain ip filter FORWARD {
      type filter hook forward priority 0; policy drop; }; add rule ip filter FORWARD jump DOCKER-USER'`,
    )
    await openAnew()
    const handles = (): Promise<string> =>
      lab.run(host, 'nft -a list chain ip filter DOCKER-USER | grep -o "handle [0-9]*"')
    const first = await handles()
    await openAnew()
    expect(await handles()).toBe(first)
    expect(await lab.fetch(lan, 'http://192.0.2.1:8080/')).toBe('192.0.2.2')
    expect(await lab.fetch(web, 'http://192.0.2.2/')).toBe('192.0.2.1')
    expect(await lab.fetch(stranger, 'http://192.0.2.2/')).toBe('192.0.2.1')
    const before = { ...state }
    Object.assign(state, { networks: [], published: [] })
    await firewall.apply()
    const rules = await lab.run(host, 'nft list ruleset')
    expect(rules).not.toContain('tscompose')
    expect(rules).toContain('policy drop')
    Object.assign(state, before)
    await firewall.apply()
  })

  test('a running container is connected and disconnected, and its default route follows', async () => {
    const first = endpointOf(other, 2)
    const second = { ...endpointOf(front, 7, 'eth1'), gwPriority: 5 }
    const gateway = (): Promise<string> => lab.run(stranger, 'ip route show default')
    expect(await gateway()).toContain('via 10.77.3.1')
    await setup(...connectOps({ path: stranger.netns }, second, [first, second], true))
    expect(await gateway()).toContain('via 10.77.1.1')
    expect(await lab.fetch(stranger, 'http://10.77.1.2/')).toBe('10.77.1.7')
    expect(await lab.run(stranger, 'nft list table netdev tscompose_guard')).toContain('device "eth1"')
    await setup(...disconnectOps({ path: stranger.netns }, second, [first], true))
    expect(await lab.run(stranger, 'nft list table netdev tscompose_guard')).not.toContain('eth1')
    expect(await gateway()).toContain('via 10.77.3.1')
    expect(await lab.run(host, 'ip -br link')).not.toContain(vethName(second.id))
  })
})
