import { describe, expect, test } from 'vitest'
import { type Failure, failure } from '../../diagnostics/index.ts'
import { type Program, RecordingNative } from '../../native/index.ts'
import { deleteLink, deleteLinks, setLinkGroup } from '../netlink/index.ts'
import { BRIDGE } from './bridge.ts'
import { bridgeIndex, bridgeName, ensureBridge, ensureBridgeOps, removeBridgeOps } from './bridge-device.ts'
import type { Host, Links, Network } from './driver.ts'
import { endpoint, network, purposes } from './networks.test-support.ts'
import { vethName } from './veth.ts'

const OPTION = 'com.docker.network.bridge.'
const OWN_NAME = { [`${OPTION}name`]: 'br-mine' }

describe('bridges', () => {
  test('have names and indexes that follow from the network', () => {
    expect(bridgeName(network('a'))).toBe('tsc-aaaaaaaaaaa')
    expect(bridgeName(network('a', { options: OWN_NAME }))).toBe('br-mine')
    expect(bridgeIndex(network('f'))).toBeLessThan(2 ** 31)
    expect(bridgeIndex(network('a'))).not.toBe(bridgeIndex(network('b')))
  })

  test('are ensured: what is there already is fine', () => {
    const ops = ensureBridgeOps(network('a'))
    expect(purposes(ops)).toEqual([
      'host: create bridge tsc-aaaaaaaaaaa',
      'host: give bridge tsc-aaaaaaaaaaa its MTU',
      'host: give bridge tsc-aaaaaaaaaaa the address 172.18.10.1',
      'host: bring bridge tsc-aaaaaaaaaaa up',
    ])
    expect(ops.map(op => ('ignore' in op ? op.ignore : []))).toEqual([[17], [], [2], [2], [17], []])
  })

  test('have IPv6 switched off where the network has none', () => {
    const values = (of: Network): unknown[] =>
      ensureBridgeOps(of).flatMap(op =>
        op.op === 'write' && op.path.endsWith('disable_ipv6') ? [op.bytes] : [],
      )
    expect(values(network('a'))).toEqual(['1'])
    expect(values(network('a', { subnets: [{ subnet: 'fd00::/64', gateway: 'fd00::1' }] }))).toEqual(['0'])
  })

  test('that somebody replaced are made again, but never one of the user’s name', async () => {
    let refusals = 1
    const native = {
      run: async () => {
        if (refusals-- > 0) throw failure({ code: 'NATIVE_FAILED', summary: 'no such device' })
        return { results: new Map(), outputs: [], exitCode: undefined }
      },
    }
    await ensureBridge(native, network('a'))
    refusals = 1
    await expect(ensureBridge(native, network('a', { options: OWN_NAME }))).rejects.toMatchObject({
      code: 'NATIVE_FAILED',
    })
  })

  test('are removed in one operation that is fine without a bridge', async () => {
    const native = new RecordingNative()
    await native.run({ setup: removeBridgeOps(network('a')) })
    expect(removeBridgeOps(network('a')).map(op => ('ignore' in op ? op.ignore : []))).toEqual([[19]])
  })
})

const A = network('a')
const [NAME, VETH] = ['tsc-aaaaaaaaaaa', vethName('e'.repeat(64))]

/** A host with these links, by the bridge that each is a port of; `make` is what a program changes of them. */
function hostWith(
  ports: Record<string, string>,
  make: (ports: Map<string, string>) => void = () => {},
  more: Partial<Links> = {},
) {
  const links = new Map(Object.entries(ports))
  const native = new RecordingNative({
    run: async () => {
      make(links)
      return {}
    },
  })
  const routed: boolean[] = []
  const view: Links = {
    has: name => links.has(name),
    indexOf: name =>
      name === NAME ? bridgeIndex(A) : links.has(name) ? [...links.keys()].indexOf(name) + 1 : undefined,
    macOf: () => undefined,
    portOf: () => undefined,
    masterOf: name => links.get(name) || undefined,
    portsOf: name => [...links].flatMap(([port, master]) => (master === name ? [port] : [])),
    isUp: () => true,
    mtuOf: () => 1500,
    addressesOf: () => undefined,
    ...more,
  }
  const host: Host = { native, links: view, forward: async ({ ipv6 }) => void routed.push(ipv6) }
  const ran = (): string[] => native.programs('run').flatMap(({ setup = [] }: Program) => purposes(setup))
  return { host, native, routed, ran }
}

describe('a bridge network on the host', () => {
  test('is set up where it is missing, behind a host that routes', async () => {
    const { host, routed, ran } = hostWith({})
    await BRIDGE.setup(host, A)
    expect([routed, ran()[0]]).toEqual([[false], `host: create bridge ${NAME}`])
    await BRIDGE.setup(host, network('b', { subnets: [{ subnet: 'fd00::/64', gateway: 'fd00::1' }] }))
    expect(routed).toEqual([false, true])
  })

  test('costs a look where it stands', async () => {
    const { host, routed, ran } = hostWith({ [NAME]: '' })
    await BRIDGE.setup(host, A)
    expect([routed, ran(), BRIDGE.observe(host.links, A)]).toEqual([[], [], []])
  })

  test('is drift when it is gone, and repaired by what sets it up', async () => {
    const { host, ran } = hostWith({})
    expect(BRIDGE.observe(host.links, A)).toEqual([{ path: 'bridge', want: NAME, got: 'missing' }])
    await BRIDGE.repair(host, A, [endpoint(A)])
    expect(ran()).toContain(`host: bring bridge ${NAME} up`)
    expect(ran().slice(-2)).toEqual([`host: make ${VETH} a port of bridge ${NAME}`, `host: set port ${VETH}`])
  })

  test('is drift when it is down, has another MTU, or has lost the gateway’s address', () => {
    const driftOf = (more: Partial<Links>): unknown =>
      BRIDGE.observe(hostWith({ [NAME]: '' }, undefined, more).host.links, A)
    expect(driftOf({ addressesOf: () => ['172.18.10.1/24', '10.0.0.1/8'] })).toEqual([])
    expect(driftOf({ isUp: () => false })).toEqual([{ path: 'bridge.state', want: 'up', got: 'down' }])
    expect(driftOf({ mtuOf: () => 1400 })).toEqual([{ path: 'bridge.mtu', want: '1500', got: '1400' }])
    expect(driftOf({ addressesOf: () => [] })).toEqual([
      { path: 'bridge.address', want: '172.18.10.1/24', got: 'missing' },
    ])
    expect(driftOf({ indexOf: () => 7 })).toEqual([{ path: 'bridge', want: NAME, got: 'another one' }])
  })

  test('is torn down with the pairs that led to it in one step, and nothing else', async () => {
    const { host, native, ran } = hostWith({ [NAME]: '', [VETH]: NAME, eth7: NAME })
    await BRIDGE.teardown(host, A, [])
    expect(ran()).toEqual([`host: remove bridge ${NAME}`])
    const removal = native.programs('run')[0]?.setup?.flatMap(op => (op.op === 'netlink' ? [op.bytes] : []))
    expect(removal).toEqual([
      Buffer.concat([
        setLinkGroup(NAME, bridgeIndex(A)),
        setLinkGroup(VETH, bridgeIndex(A)),
        deleteLinks(bridgeIndex(A)),
      ]),
    ])
  })

  test('is gone when nobody sees it and what led to it, whatever the kernel has still to free', async () => {
    const links = new Map([NAME, VETH].map(name => [name, 3]))
    const has = (name: string): boolean => {
      const looks = links.get(name) ?? 0
      links.set(name, looks - 1)
      return looks > 0
    }
    const { host } = hostWith({ [VETH]: NAME })
    const native = { run: () => new Promise<never>(() => undefined) }
    await BRIDGE.teardown({ ...host, native, links: { ...host.links, has } }, A, [])
    expect(Math.max(...links.values())).toBe(-1)
  })

  test('that cannot be removed is told of', async () => {
    const { host } = hostWith({ [NAME]: '' }, () => {
      throw failure({ code: 'NATIVE_FAILED', summary: 'operation not permitted' })
    })
    await expect(BRIDGE.teardown(host, A, [])).rejects.toMatchObject({ code: 'NATIVE_FAILED' })
  })

  test('is torn down by its index where somebody has called it otherwise', async () => {
    const { host, ran } = hostWith({ other: '' })
    await BRIDGE.teardown(host, A, [])
    expect(ran()).toEqual(['host: remove the bridge of another name'])
  })

  test('know an address for ports that name none, and which options they do not know', () => {
    const bound = (address: string): string | undefined =>
      BRIDGE.hostBinding(network('a', { options: { [`${OPTION}host_binding_ipv4`]: address } }))
    expect([bound('127.0.0.1'), bound('0.0.0.0'), BRIDGE.hostBinding(network('a'))]).toEqual([
      '127.0.0.1',
      undefined,
      undefined,
    ])
    expect(BRIDGE.unknownOptions({ ...OWN_NAME, [`${OPTION}enable_iic`]: 'false' })).toEqual([
      `${OPTION}enable_iic`,
    ])
  })

  test('refuses options that mean nothing, and names that another link has', () => {
    const { links } = hostWith({ eth7: '' }).host
    const others = [network('b', { options: OWN_NAME }), network('c')]
    const codeOf = (options: Network['options'], hasIpv6?: boolean): string | undefined => {
      try {
        return void BRIDGE.checkOptions(options, others, links, hasIpv6)
      } catch (error) {
        return (error as Failure).code
      }
    }
    for (const options of [
      { [`${OPTION}host_binding_ipv4`]: 'localhost' },
      { [`${OPTION}host_binding_ipv4`]: '::1' },
      { [`${OPTION}gateway_mode_ipv4`]: 'routed' },
    ])
      expect(codeOf(options), JSON.stringify(options)).toBe('NETWORK_OPTION')
    const named = (name: string): Network['options'] => ({ [`${OPTION}name`]: name })
    for (const options of [
      { 'com.docker.network.driver.mtu': 'large' },
      { 'com.docker.network.driver.mtu': '67' },
      { 'com.docker.network.driver.mtu': '65536' },
      named('a/b'),
      named('all'),
      named('default'),
      named('a-name-of-16-long'),
      named('br-mine'),
      named('tsc-ccccccccccc'),
      named('eth7'),
    ])
      expect(codeOf(options), JSON.stringify(options)).toBe('NETWORK_OPTION')
    const small = { 'com.docker.network.driver.mtu': '1279' }
    expect([codeOf(small), codeOf(small, true)]).toEqual([undefined, 'NETWORK_OPTION'])
    expect(codeOf({ 'com.docker.network.driver.mtu': '1400', anything: 'else', ...named('br-1') })).toBe(
      undefined,
    )
  })

  test('is masqueraded by its subnets, but not an internal one or where it is switched off', () => {
    expect(BRIDGE.firewall(A)).toEqual({
      id: A.id,
      name: A.name,
      link: NAME,
      internal: false,
      subnets: ['172.18.10.0/24'],
      masqueraded: ['172.18.10.0/24'],
    })
    expect(BRIDGE.firewall(network('a', { internal: true }))?.masqueraded).toEqual([])
    const off = network('a', { options: { [`${OPTION}enable_ip_masquerade`]: 'false' } })
    expect(BRIDGE.firewall(off)?.masqueraded).toEqual([])
  })
})

describe('a container on a bridge network', () => {
  test('has a pair, of which a run before leaves nothing behind', () => {
    const made = BRIDGE.attach(endpoint(A), 2, hostWith({}).host.links)
    expect(purposes(made)).toEqual([`host: connect eth0 to bridge ${NAME}`])
    expect(made).toMatchObject([{ stale: deleteLink(VETH) }])
    expect(purposes(BRIDGE.detach(endpoint(A)))).toEqual([`host: remove ${VETH}`])
  })

  test('its pair says whose it is, in the message that makes it, unless that is too long to be told', () => {
    const sent = (container: string): string =>
      BRIDGE.attach(
        endpoint(A, 'eth0', { of: { container, engineId: 'abc123' } }),
        2,
        hostWith({}).host.links,
      )
        .flatMap(op => (op.op === 'netlink' ? [Buffer.from(op.bytes).toString('latin1')] : []))
        .join('')
    expect(sent('web-1')).toContain('tscompose network=a container=web-1 engine=abc123')
    expect(sent('x'.repeat(250))).not.toContain('container=')
  })

  test('each end of a network without talk among containers is isolated on the bridge', () => {
    const quiet = network('a', { options: { [`${OPTION}enable_icc`]: 'false' } })
    expect(purposes(BRIDGE.attach(endpoint(quiet), 2, hostWith({}).host.links))).toContain(
      `host: isolate ${VETH}`,
    )
  })

  test('has drifted when its pair is gone, or leads elsewhere', () => {
    const driftOf = (ports: Record<string, string>): unknown =>
      BRIDGE.observeEndpoint(hostWith(ports).host.links, endpoint(A))
    expect(driftOf({ [VETH]: NAME, [NAME]: '' })).toEqual([])
    expect(driftOf({ [VETH]: '' }), 'the bridge has').toEqual([])
    expect(driftOf({})).toEqual([{ path: 'link', want: VETH, got: 'missing' }])
    expect(driftOf({ [VETH]: '', [NAME]: '' })).toEqual([{ path: 'bridge', want: NAME, got: 'none' }])
    expect(driftOf({ [VETH]: 'br0', [NAME]: '' })).toEqual([{ path: 'bridge', want: NAME, got: 'br0' }])
  })

  test.each([
    ['true', { isolated: 1, learning: 1 }, ['link.port.isolated 0 1']],
    ['false', { isolated: 0, unicast_flood: 0 }, ['link.port.unicast_flood 1 0', 'link.port.isolated 1 0']],
    ['false', { isolated: 1 }, []],
  ] as const)('with talk among containers: %s, has drifted where its port is %j: %j', (icc, port, seen) => {
    const on = network('a', { options: { [`${OPTION}enable_icc`]: icc } })
    const { links } = hostWith({ [VETH]: NAME, [NAME]: '' }).host
    const drift = BRIDGE.observeEndpoint({ ...links, portOf: () => port }, endpoint(on))
    expect(drift.map(({ path, want, got }) => `${path} ${want} ${got}`)).toEqual(seen)
  })

  test('leaves by the gateway of the subnet that its address is of, and not from an internal network', () => {
    expect(BRIDGE.gatewayOf(endpoint(A), 4)).toBe('172.18.10.1')
    expect(BRIDGE.gatewayOf(endpoint(A), 6)).toBeUndefined()
    expect(BRIDGE.gatewayOf(endpoint(A, 'eth0', { addresses: ['192.0.2.9/24'] }), 4)).toBeUndefined()
    expect(BRIDGE.gatewayOf(endpoint(network('a', { internal: true })), 4)).toBeUndefined()
  })
})
