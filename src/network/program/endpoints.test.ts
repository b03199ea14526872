import { describe, expect, test } from 'vitest'
import { endpoint, network, purposes } from '../drivers/networks.test-support.ts'
import { vethName } from '../drivers/veth.ts'
import { bornWithoutIPv6, connectOps, disconnectOps, endpointOps } from './endpoints.ts'

describe('endpoints', () => {
  test('a container without network has loopback alone', () => {
    expect(purposes(endpointOps([]))).toEqual(['container: bring loopback up'])
  })

  test('each gets its pair, and the first external network the default route', () => {
    const internal = network('a', { internal: true })
    expect(purposes(endpointOps([endpoint(internal), endpoint(network('b'), 'eth1')]))).toEqual([
      'container: bring loopback up',
      'host: connect eth0 to bridge tsc-aaaaaaaaaaa',
      'host: connect eth1 to bridge tsc-bbbbbbbbbbb',
      'container: keep IPv6 off eth0',
      'container: give eth0 172.18.10.2/24',
      'container: keep IPv6 off eth1',
      'container: give eth1 172.18.11.2/24',
      'container: set the default route via 172.18.11.1',
    ])
  })

  test('one whose network has no IPv6 is born while new links have none, where the kernel waits for nobody then', () => {
    const fast = { newLinksHaveIt: true, defaultWantsLock: false }
    const born = (machine: typeof fast, subnets?: { subnet: string; gateway: string }[]): string[] =>
      bornWithoutIPv6(
        endpoint(network('a', subnets === undefined ? {} : { subnets })),
        [{ op: 'newNetns' }],
        machine,
      ).map(each => (each.op === 'sysctl' ? `${each.key}=${each.value}` : each.op))
    const key = 'net.ipv6.conf.default.disable_ipv6'
    expect(born(fast)).toEqual([`${key}=1`, 'newNetns', `${key}=0`])
    expect(born({ ...fast, defaultWantsLock: true })).toEqual(['newNetns'])
    expect(born({ ...fast, newLinksHaveIt: false })).toEqual(['newNetns'])
    expect(born(fast, [{ subnet: 'fd00::/64', gateway: 'fd00::1' }])).toEqual(['newNetns'])
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
})
