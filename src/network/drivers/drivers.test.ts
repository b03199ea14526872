import { describe, expect, test } from 'vitest'
import type { Failure } from '../../diagnostics/index.ts'
import { RecordingNative } from '../../native/index.ts'
import type { Host } from './driver.ts'
import { DRIVERS, driverNamed, driverOf, firewallNetworks } from './index.ts'
import { endpoint, network, noLinks } from './networks.test-support.ts'

describe('drivers', () => {
  test('are found by the name that a record has', () => {
    expect(DRIVERS.map(({ name }) => name)).toEqual(['bridge', 'macvlan', 'ipvlan', 'host', 'null'])
    for (const driver of DRIVERS) expect(driverOf({ name: 'n', driver: driver.name })).toBe(driver)
    expect(driverNamed('overlay')).toBeUndefined()
    try {
      driverOf({ name: 'n', driver: 'overlay' })
      expect.unreachable()
    } catch (error) {
      expect((error as Failure).code).toBe('NETWORK_DRIVER')
    }
  })

  test('have the firewall know those networks alone whose packets the host passes on', () => {
    const networks = [network('a'), network('b', { driver: 'host' }), network('c', { driver: 'null' })]
    expect(firewallNetworks(networks).map(({ id }) => id)).toEqual(['a'.repeat(64)])
  })

  test.each(
    DRIVERS.filter(({ creatable }) => !creatable),
  )('$name is a mode: nothing is made, or can drift', async driver => {
    const native = new RecordingNative()
    const links = noLinks()
    const host: Host = { native, links, forward: () => Promise.reject(new Error('needs no router')) }
    const mode = network('a', { driver: driver.name, subnets: [] })
    const on = endpoint(mode)
    await driver.setup(host, mode)
    await driver.repair(host, mode, [on])
    await driver.teardown(host, mode, [])
    expect(native.calls).toEqual([])
    expect([...driver.observe(links, mode), ...driver.observeEndpoint(links, on)]).toEqual([])
    expect([...driver.attach(on, 2, links), ...driver.detach(on), ...driver.reattach(on)]).toEqual([])
    expect(driver.gatewayOf(on, 4)).toBeUndefined()
  })
})
