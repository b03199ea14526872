import { describe, expect, test } from 'vitest'
import type { Failure } from '../../diagnostics/index.ts'
import { RecordingNative } from '../../native/index.ts'
import { bridgeIndex } from './bridge-device.ts'
import type { Host, Links, Network } from './driver.ts'
import { IPVLAN } from './ipvlan.ts'
import { MACVLAN } from './macvlan.ts'
import { endpoint, network, noLinks, purposes } from './networks.test-support.ts'

const on = (driver: string, options: Network['options'], more: Partial<Network> = {}): Network =>
  network('a', { driver, options, ...more })
const codeOf = async (task: () => unknown): Promise<string> => {
  try {
    await task()
    return 'none'
  } catch (error) {
    return (error as Failure).code
  }
}
/** A host with links of these indexes. */
function hostWith(indexes: Readonly<Record<string, number>>, more: Partial<Links> = {}) {
  const native = new RecordingNative()
  const links = noLinks({
    has: name => name in indexes,
    indexOf: name => indexes[name],
    macOf: name => (name in indexes ? '02:aa:00:00:00:01' : undefined),
    ...more,
  })
  const host: Host = { native, links, forward: () => Promise.reject(new Error('needs no router')) }
  const ran = (): string[] => native.programs('run').flatMap(({ setup = [] }) => purposes(setup))
  return { host, links, ran }
}

describe('options of macvlan and ipvlan', () => {
  test.each([
    [MACVLAN, { macvlan_mode: 'zzz' }],
    [MACVLAN, { parent: 'lo' }],
    [MACVLAN, { parent: 'no such name' }],
    [MACVLAN, { parent: 'eth0.0' }],
    [MACVLAN, { parent: 'eth0.5000' }],
    [MACVLAN, { 'com.docker.network.driver.mtu': 'large' }],
    [IPVLAN, { ipvlan_mode: 'bridge' }],
    [IPVLAN, { ipvlan_flag: 'l2' }],
  ])('$name refuses %j', async ({ checkOptions }, options) => {
    expect(await codeOf(() => checkOptions(options, [], noLinks()))).toBe('NETWORK_OPTION')
  })

  test.each([
    [MACVLAN, { parent: 'eth0', macvlan_mode: 'passthru' }, on('macvlan', { parent: 'eth0' })],
    [MACVLAN, { parent: 'eth0' }, on('macvlan', { parent: 'eth0', macvlan_mode: 'passthru' })],
    [MACVLAN, { parent: 'eth0' }, on('ipvlan', { parent: 'eth0' })],
    [IPVLAN, { parent: 'eth0', ipvlan_mode: 'l3' }, on('ipvlan', { parent: 'eth0' })],
  ])('$name refuses %j beside a network that leaves no room', async ({ checkOptions }, options, other) => {
    expect(await codeOf(() => checkOptions(options, [other], noLinks()))).toBe('NETWORK_OPTION')
    expect(await codeOf(() => checkOptions(options, [on('bridge', {})], noLinks()))).toBe('none')
  })

  test('several networks may hang on one parent', async () => {
    const other = on('macvlan', { parent: 'eth0', macvlan_mode: 'vepa' })
    expect(await codeOf(() => MACVLAN.checkOptions({ parent: 'eth0' }, [other], noLinks()))).toBe('none')
  })

  test('those that are not known are told', () => {
    expect(MACVLAN.unknownOptions({ parent: 'eth0', macvlan_mode: '', ipvlan_mode: 'l2' })).toEqual([
      'ipvlan_mode',
    ])
  })
})

describe('the parent of such a network', () => {
  test.each([
    ['is there', { parent: 'eth0' }, 'none'],
    ['is made of one that is there', { parent: 'eth0.10' }, 'none'],
    ['is the network’s own', {}, 'none'],
    ['is nowhere', { parent: 'eth1' }, 'NETWORK_PARENT'],
    ['is of one that is nowhere', { parent: 'eth1.10' }, 'NETWORK_PARENT'],
    ['is a port of a bridge', { parent: 'port' }, 'NETWORK_PARENT'],
  ])('%s', async (_what, options, code) => {
    const { host } = hostWith(
      { eth0: 2, port: 3 },
      { masterOf: name => (name === 'port' ? 'br0' : undefined) },
    )
    expect(await codeOf(() => MACVLAN.checkMachine(host, { options }))).toBe(code)
  })

  test('is made where it is missing, and what was made is removed with the last network on it', async () => {
    const vlan = on('macvlan', { parent: 'eth0.10' })
    const { host, ran } = hostWith({ eth0: 2 })
    await MACVLAN.setup(host, vlan)
    expect(ran()).toEqual(['host: create eth0.10 on eth0', 'host: bring eth0.10 up'])
    const made = hostWith({ eth0: 2, 'eth0.10': bridgeIndex(vlan) })
    await MACVLAN.teardown(made.host, vlan, [on('macvlan', { parent: 'eth0.10' })])
    expect(made.ran()).toEqual([])
    await MACVLAN.teardown(made.host, vlan, [])
    expect(made.ran()).toEqual(['host: remove eth0.10'])
  })

  test('is never removed when it is the user’s', async () => {
    const { host, ran } = hostWith({ eth0: 2, 'eth0.10': 3 })
    await MACVLAN.teardown(host, on('macvlan', { parent: 'eth0' }), [])
    await MACVLAN.teardown(host, on('macvlan', { parent: 'eth0.10' }), [])
    expect(ran()).toEqual([])
  })

  test('drifts when it is gone', () => {
    const { links } = hostWith({ eth0: 2 })
    expect(MACVLAN.observe(links, on('macvlan', { parent: 'eth0' }))).toEqual([])
    expect(MACVLAN.observe(links, on('macvlan', { parent: 'eth1' }))).toEqual([
      { path: 'parent', want: 'eth1', got: 'missing' },
    ])
  })
})

describe('a container on such a network', () => {
  const { links } = hostWith({ eth0: 7 })

  test('hangs on the parent by an interface that goes with it', async () => {
    const place = endpoint(on('macvlan', { parent: 'eth0' }))
    expect(purposes(MACVLAN.attach(place, 2, links))).toEqual([
      'host: connect eth0 to eth0',
      'container: call it eth0',
    ])
    expect(purposes(MACVLAN.detach(place))).toEqual(['container: remove eth0'])
    expect(await codeOf(() => MACVLAN.attach(place, 2, noLinks()))).toBe('NETWORK_PARENT')
  })

  test('goes out by the gateway of its subnet, or not at all', () => {
    expect(MACVLAN.gatewayOf(endpoint(on('macvlan', {})), 4)).toBe('172.18.10.1')
    expect(MACVLAN.gatewayOf(endpoint(on('macvlan', {}, { internal: true })), 4)).toBeUndefined()
  })

  test('has a MAC address of its own with macvlan, and that of the parent where it is handed through and with ipvlan', () => {
    const macs = [
      MACVLAN.sharedMac(links, on('macvlan', { parent: 'eth0' })),
      MACVLAN.sharedMac(links, on('macvlan', { parent: 'eth0', macvlan_mode: 'passthru' })),
      IPVLAN.sharedMac(links, on('ipvlan', { parent: 'eth0' })),
    ]
    expect(macs).toEqual([undefined, '02:aa:00:00:00:01', '02:aa:00:00:00:01'])
  })

  test('is told to the kernel in its own words', () => {
    const hex = (driver: typeof MACVLAN, options: Network['options']): string =>
      driver
        .attach(endpoint(on(driver.name, { parent: 'eth0', ...options })), 2, links)
        .slice(0, 1)
        .map(op => ('bytes' in op ? Buffer.from(op.bytes).toString('hex') : ''))
        .join('')
    // IFLA_INFO_DATA with a mode of four bytes, or mode and flags of two.
    expect(hex(MACVLAN, { macvlan_mode: 'vepa' })).toMatch(/0800010002000000$/)
    expect(hex(IPVLAN, { ipvlan_mode: 'l3s', ipvlan_flag: 'private' })).toMatch(
      /06000100020000000600020001000000$/,
    )
  })
})
