import { describe, expect, test } from 'vitest'
import type { NetlinkOp } from '../../native/index.ts'
import { endpoint, network } from '../drivers/networks.test-support.ts'
import { NLM_F, parseMessages } from '../netlink/message.ts'
import { networkProgram } from './program.ts'

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
    const folders = networkProgram({ ...base, names: ['own', 'a'.repeat(64)] }).supervise.flatMap(op =>
      op.op === 'relay' ? op.names : [],
    )
    expect(folders).toEqual(['/run/x/networks/own', `/run/x/networks/${'a'.repeat(64)}`])
    // An interface with a small MTU has none of them.
    const own = (key: string, value: string) => ({ key: `net/ipv6/conf/eth0/${key}`, value, ignore: [2] })
    expect(sysctls).toEqual([own('accept_ra', '0'), own('disable_ipv6', '1')])
    expect(networkProgram({ ...base, ipv6: false }).sysctls).toEqual([])
    const asked = { ...endpoint(network('a')), ipv6: true, sysctls: { 'net/ipv4/conf/eth0/x': '1' } }
    expect(networkProgram({ ...base, endpoints: [asked] }).sysctls).toEqual([
      own('accept_ra', '0'),
      own('disable_ipv6', '0'),
      { key: 'net/ipv4/conf/eth0/x', value: '1' },
    ])
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
    const port = {
      hostIp: '0.0.0.0',
      hostPort: 1,
      containerPort: 2,
      targetIp: '172.18.10.2',
      networkId: 'a',
      count: 1,
    }
    const published = (['tcp', 'udp', 'sctp'] as const).map(protocol => ({ ...port, protocol }))
    const { supervise } = networkProgram({ ...base, dns: false, published })
    expect(supervise.map(op => (op.op === 'publish' ? op.protocol : op.op))).toEqual(['relay', 'tcp', 'udp'])
  })

  test('listens once for both families where they lead to the same place', () => {
    const port = { protocol: 'tcp', hostPort: 1, containerPort: 2, count: 3, networkId: 'a' } as const
    const listeners = (...targets: readonly (readonly [string, string])[]) =>
      networkProgram({
        ...base,
        dns: false,
        published: targets.map(([hostIp, targetIp]) => ({ ...port, hostIp, targetIp })),
      }).supervise.flatMap(op => (op.op === 'publish' ? [[op.hostIp, op.both]] : []))
    expect(listeners(['0.0.0.0', '172.18.10.2'], ['::', '172.18.10.2'])).toEqual([['::', true]])
    expect(listeners(['0.0.0.0', '172.18.10.2'], ['::', 'fd00::2'])).toEqual([
      ['0.0.0.0', false],
      ['::', false],
    ])
  })

  test('needs no relay without names and ports', () => {
    expect(networkProgram({ ...base, dns: false }).supervise).toEqual([])
  })
})
