// What a container has of its networks once it has left one and is back.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyNothing } from '../engine.test-support.ts'
import type { Engine } from '../index.ts'
import { NETWORK_ID, SimulatedMachine } from '../machine.test-support.ts'

let machine: SimulatedMachine
let engine: Engine

beforeEach(async () => {
  machine = await new SimulatedMachine().prepare()
  const folder = machine.path('root/networks')
  const net = readFileSync(join(folder, `${NETWORK_ID}.json`), 'utf8')
  const other = net.replaceAll(NETWORK_ID, OTHER).replace('"net"', '"other"').replaceAll('10.99.', '10.98.')
  writeFileSync(join(folder, `${OTHER}.json`), other)
  ;({ engine } = await machine.open({ run: copyNothing }))
})
afterEach(() => machine.end())

const OTHER = 'cd'.repeat(32)

async function made(name: string, ...networks: readonly string[]): Promise<string> {
  const EndpointsConfig = Object.fromEntries(networks.map(each => [each, {}]))
  const HostConfig = { NetworkMode: networks[0] ?? 'none' }
  const request = { Image: 'app:1', HostConfig, NetworkingConfig: { EndpointsConfig } }
  return (await engine.containers.create(request, { name })).Id
}

test.each([false, true])('the network of its mode is the first again, running: %s', async runs => {
  const id = await made('web', 'net', 'other')
  if (runs) await engine.containers.start('web', {})
  await engine.networks.disconnect('net', { Container: 'web', Force: false })
  await engine.networks.connect('net', { Container: 'web' })
  const { endpoints } = machine.record(id)
  expect(endpoints.map(each => [each.networkName, each.interfaceName])).toEqual([
    ['net', 'eth0'],
    ['other', 'eth1'],
  ])
})

test('the names of a network are those of who is on it, whether it runs or not', async () => {
  await made('one', 'net')
  await engine.containers.start('one', {})
  await made('web', 'other')
  const names = () => readFileSync(machine.path('run/networks', NETWORK_ID, 'names'), 'utf8')
  expect(names()).not.toContain('k web\n')
  await engine.networks.connect('net', { Container: 'web' })
  expect(names()).toContain('k web\n')
  await engine.networks.disconnect('net', { Container: 'web', Force: false })
  expect(names()).not.toContain('k web\n')
})

test('a network that is gone is told of a container that has never run, by the id that it waits for', async () => {
  await made('web', 'other')
  const told = async () =>
    (await engine.containers.inspect('web', { size: false, drift: false })).NetworkSettings.Networks?.[
      'other'
    ]
  expect((await told())?.NetworkID).toBe('')
  await engine.networks.remove('other')
  expect((await told())?.NetworkID).toBe(OTHER)
})
