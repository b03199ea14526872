import { describe, expect, test } from 'vitest'
import { failure } from '../diagnostics/index.ts'
import type { NetlinkOp, Op } from '../native/index.ts'
import { RecordingNative } from '../native/index.ts'
import { bridgeIndex, bridgeName, ensureBridge, ensureBridgeOps, removeBridgeOps } from './bridge.ts'
import { NLM_F, parseMessages } from './netlink/message.ts'
import { networkProgram } from './program.ts'
import type { BridgeNetwork, Endpoint } from './types.ts'
import { connectOps, disconnectOps, endpointOps, newMacAddress, vethName } from './veth.ts'

const network = (letter: string, more: Partial<BridgeNetwork> = {}): BridgeNetwork => ({
  id: letter.repeat(64),
  name: letter,
  internal: false,
  subnets: [
    {
      subnet: `172.18.${Number.parseInt(letter, 16)}.0/24`,
      gateway: `172.18.${Number.parseInt(letter, 16)}.1`,
    },
  ],
  ...more,
})

const endpoint = (of: BridgeNetwork, interfaceName = 'eth0', more: Partial<Endpoint> = {}): Endpoint => ({
  id: of.id.replace(/./g, 'e'),
  network: of,
  interfaceName,
  macAddress: '02:00:00:00:00:01',
  addresses: [`${of.subnets[0]?.gateway.replace(/\.1$/, '.2')}/24`],
  ...more,
})

const purposes = (ops: readonly Op[]): string[] =>
  ops.filter((op): op is NetlinkOp => op.op === 'netlink').map(op => `${op.netns}: ${op.purpose}`)

describe('bridges', () => {
  test('have names and indexes that follow from the network', () => {
    expect(bridgeName(network('a'))).toBe('tsc-aaaaaaaaaaa')
    expect(bridgeName(network('a', { bridgeName: 'br-mine' }))).toBe('br-mine')
    expect(bridgeIndex(network('f'))).toBeLessThan(2 ** 31)
    expect(bridgeIndex(network('a'))).not.toBe(bridgeIndex(network('b')))
  })

  test('are ensured: what is there already is fine', () => {
    const ops = ensureBridgeOps(network('a'))
    expect(purposes(ops)).toEqual([
      'host: create bridge tsc-aaaaaaaaaaa',
      'host: give bridge tsc-aaaaaaaaaaa the address 172.18.10.1',
      'host: bring bridge tsc-aaaaaaaaaaa up',
    ])
    expect(ops.map(op => ('ignore' in op ? op.ignore : []))).toEqual([[17], [2], [2], [17], []])
  })

  test('have IPv6 switched off where the network has none', () => {
    const values = (of: BridgeNetwork): unknown[] =>
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
    await expect(ensureBridge(native, network('a', { bridgeName: 'br0' }))).rejects.toMatchObject({
      code: 'NATIVE_FAILED',
    })
  })

  test('are removed in one operation that is fine without a bridge', async () => {
    const native = new RecordingNative()
    await native.run({ setup: removeBridgeOps(network('a')) })
    expect(removeBridgeOps(network('a')).map(op => ('ignore' in op ? op.ignore : []))).toEqual([[19]])
  })
})

describe('endpoints', () => {
  test('a container without network has loopback alone', () => {
    expect(purposes(endpointOps([]))).toEqual(['container: bring loopback up'])
  })

  test('each gets its pair, and the first external network the default route', () => {
    const internal = network('a', { internal: true })
    expect(purposes(endpointOps([endpoint(internal), endpoint(network('b'), 'eth1')]))).toEqual([
      'container: bring loopback up',
      `host: remove a ${vethName('e'.repeat(64))} of before`,
      'host: connect eth0 to bridge tsc-aaaaaaaaaaa',
      `host: remove a ${vethName('e'.repeat(64))} of before`,
      'host: connect eth1 to bridge tsc-bbbbbbbbbbb',
      'container: keep IPv6 off eth0',
      'container: give eth0 172.18.10.2/24',
      'container: keep IPv6 off eth1',
      'container: give eth1 172.18.11.2/24',
      'container: set the default route via 172.18.11.1',
    ])
  })

  test('of a network without talk among containers is isolated on the bridge', () => {
    expect(purposes(endpointOps([endpoint(network('a', { icc: false }))]))).toContain(
      `host: isolate ${vethName('e'.repeat(64))}`,
    )
  })

  test('gwPriority comes before order', () => {
    const ops = endpointOps([endpoint(network('a')), endpoint(network('b'), 'eth1', { gwPriority: 1 })])
    expect(purposes(ops).at(-1)).toBe('container: set the default route via 172.18.11.1')
  })

  test('come and go while the container runs', () => {
    const [one, two] = [endpoint(network('a')), endpoint(network('b', { internal: true }), 'eth1')]
    expect(connectOps({ path: '/proc/1/fd/100', pid: 1, startTime: 5n }, two, [one, two])[0]).toEqual({
      op: 'openNetns',
      path: '/proc/1/fd/100',
      pid: 1,
      startTime: 5n,
    })
    expect(purposes(disconnectOps({ path: '/proc/1/fd/100' }, one, [two]))).toEqual([
      `host: remove ${vethName(one.id)}`,
      'container: remove the default route of IPv4',
      'container: remove the default route of IPv6',
    ])
  })

  test('a MAC address is local and unicast, and follows from the place where one is given', () => {
    const place = { networkId: 'a'.repeat(64), address: '172.18.0.2/24' }
    expect(newMacAddress()).toMatch(/^02(:[0-9a-f]{2}){5}$/)
    expect(newMacAddress()).not.toBe(newMacAddress())
    expect(newMacAddress(place)).toBe(newMacAddress({ ...place, address: '172.18.0.2' }))
    expect(newMacAddress(place)).not.toBe(newMacAddress({ ...place, networkId: 'b' }))
  })
})

describe('networkProgram', () => {
  const base = {
    run: '/run/x',
    endpoints: [endpoint(network('a'))],
    published: [],
    guarded: false,
    relay: { uid: 1000, uidCount: 5, filter: new Uint8Array(8) },
    dns: true,
    upstreams: ['192.0.2.53'],
    askInside: false,
    ipv6: true,
  }

  test('names the folders of the networks, and the sysctls of each interface', () => {
    const { supervise, sysctls } = networkProgram(base)
    expect(supervise).toEqual([
      {
        op: 'relay',
        dnsPort: 61053,
        names: [`/run/x/networks/${'a'.repeat(64)}`],
        upstreams: ['192.0.2.53'],
        internal: false,
        askInside: false,
        ...base.relay,
      },
    ])
    const folders = networkProgram({ ...base, links: 'own' }).supervise.flatMap(op =>
      op.op === 'relay' ? op.names : [],
    )
    expect(folders).toEqual(['/run/x/networks/own', `/run/x/networks/${'a'.repeat(64)}`])
    expect(sysctls).toEqual({ 'net/ipv6/conf/eth0/accept_ra': '0', 'net/ipv6/conf/eth0/disable_ipv6': '1' })
    expect(networkProgram({ ...base, ipv6: false }).sysctls).toEqual({})
  })

  test('leads port 53 of the resolver to the relay, which leaves that port to the container', () => {
    const led = (dns: boolean): NetlinkOp | undefined =>
      networkProgram({ ...base, dns }).setup.find(
        (op): op is NetlinkOp => op.op === 'netlink' && op.protocol === 'netfilter',
      )
    expect(led(false)).toBeUndefined()
    const messages = parseMessages(Buffer.from(led(true)?.bytes ?? []))
    expect(messages.map(({ type, flags }) => [type, (flags & NLM_F.ACK) !== 0])).toEqual([
      [0x10, false],
      ...[0xa00, 0xa03, 0xa06, 0xa06, 0xa03, 0xa06].map(type => [type, false]),
      [0xa06, true],
      [0x11, false],
    ])
  })

  test('listens for TCP and UDP, not for SCTP', () => {
    const port = { hostIp: '0.0.0.0', hostPort: 1, containerPort: 2, targetIp: '172.18.10.2', networkId: 'a' }
    const published = (['tcp', 'udp', 'sctp'] as const).map(protocol => ({ ...port, protocol }))
    const { supervise } = networkProgram({ ...base, dns: false, published })
    expect(supervise.map(op => (op.op === 'publish' ? op.protocol : op.op))).toEqual(['relay', 'tcp', 'udp'])
  })

  test('needs no relay without names and ports', () => {
    expect(networkProgram({ ...base, dns: false }).supervise).toEqual([])
  })
})
