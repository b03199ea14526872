// Networks whose containers hang on a link of the host: macvlan and ipvlan, as far as this kernel has them.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Need, requires } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

/** A kernel that has the kind misses the parent; one that has not says so. */
const knows = (kind: string): boolean =>
  !/Unknown device type|not supported/.test(
    spawnSync('unshare', ['-n', 'ip', 'link', 'add', 'x', 'type', kind], { encoding: 'utf8' }).stderr,
  )
const needed = (kind: string): Need => ({
  what: `links of kind ${kind}`,
  missing: knows(kind) ? undefined : 'not in this kernel',
})
const [MACVLAN, IPVLAN, VLAN] = [needed('macvlan'), needed('ipvlan'), needed('vlan')]
// By this process: what a run that was killed has left, and one beside this one, are no hindrance.
const BRIDGE = `tsp${process.pid}`
/** Somebody else on the parent. */
const OUTSIDE = '10.213.8.5'
const lab = new EngineLab()

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
  // A parent of the tests' own: the bridge of another network, whose gateway is somebody outside.
  await lab.engine.networks.create({
    Name: 'lan',
    Options: { 'com.docker.network.bridge.name': BRIDGE },
    IPAM: { Config: [{ Subnet: '10.213.7.0/24', Gateway: '10.213.7.1' }] },
  })
  await lab.run('outside', {
    HostConfig: { NetworkMode: 'lan', CapAdd: ['NET_ADMIN'] },
    Cmd: ['nc', '-ll', '-p', '80', '-e', 'echo', 'outside'],
  })
  await lab.exec('outside', `ip addr add ${OUTSIDE}/24 dev eth0`)
})
afterEach(async () => {
  for (const name of ['one', 'two'])
    await lab.engine.containers
      .remove(name, { force: true, volumes: true, link: false })
      .catch(() => undefined)
  await lab.engine.networks.remove('hung').catch(() => undefined)
})
afterAll(() => lab.close())

/** Two containers on a network of these options. */
async function hang(
  driver: string,
  options: Record<string, string>,
  more: { readonly Internal?: boolean } = {},
) {
  await lab.engine.networks.create({
    Name: 'hung',
    Driver: driver,
    Options: options,
    IPAM: { Config: [{ Subnet: '10.213.8.0/24', IPRange: '10.213.8.128/25', Gateway: '10.213.8.1' }] },
    ...more,
  })
  for (const name of ['one', 'two'])
    await lab.run(name, {
      HostConfig: { NetworkMode: 'hung' },
      Cmd: ['nc', '-ll', '-p', '80', '-e', 'echo', name],
    })
}
const said = async (from: string, to: string): Promise<string> =>
  (await lab.exec(from, `nc -w 3 ${to} 80 </dev/null`)).out.trim()
const hears = (from: string, to: string, word = to): Promise<unknown> =>
  eventually(`${from} hears ${word}`, async () => (await said(from, to)) === word)
const addressOf = async (name: string): Promise<string> => {
  const { NetworkSettings } = await lab.engine.containers.inspect(name, { size: false })
  return Object.values(NetworkSettings.Networks ?? {})[0]?.IPAddress ?? ''
}

requires(MACVLAN).describe('macvlan', () => {
  test('containers reach each other by name, and who else is on the parent, in the mode bridge', async () => {
    await hang('macvlan', { parent: BRIDGE })
    await hears('one', 'two')
    await hears('two', 'one')
    await hears('one', OUTSIDE, 'outside')
    await hears('outside', await addressOf('two'), 'two')
  })

  test.each(['private', 'vepa'])('containers are kept from each other in the mode %s', async mode => {
    await hang('macvlan', { parent: BRIDGE, macvlan_mode: mode })
    await hears('one', OUTSIDE, 'outside')
    expect(await said('one', await addressOf('two'))).not.toContain('two')
  })

  test('one container has the parent to itself in the mode passthru', async () => {
    await lab.engine.networks.create({
      Name: 'hung',
      Driver: 'macvlan',
      Options: { parent: BRIDGE, macvlan_mode: 'passthru' },
      IPAM: { Config: [{ Subnet: '10.213.8.0/24', IPRange: '10.213.8.128/25' }] },
    })
    await lab.run('one', {
      HostConfig: { NetworkMode: 'hung' },
      Cmd: ['nc', '-ll', '-p', '80', '-e', 'echo', 'one'],
    })
    await hears('outside', await addressOf('one'), 'one')
    const full = { code: 'NETWORK_FULL', kind: 'internal' }
    await expect(lab.run('two', { HostConfig: { NetworkMode: 'hung' } })).rejects.toMatchObject(full)
    await lab.engine.containers.restart('one', { timeout: 0 })
    await hears('outside', await addressOf('one'), 'one')
    await lab.engine.containers.stop('one', { timeout: 0 })
    await lab.engine.containers.start('two', {})
    await expect(lab.engine.containers.start('one', {})).rejects.toMatchObject(full)
  })

  test('a network without a parent leads nowhere but to its own containers, and leaves nothing', async () => {
    await hang('macvlan', {}, { Internal: true })
    await hears('one', 'two')
    const links = (await lab.exec('one', 'ip route')).out
    expect(links).not.toContain('default')
  })

  test('addresses and MACs are kept over restarts, also where the one before is not quite gone', async () => {
    await hang('macvlan', { parent: BRIDGE })
    const before = (await lab.exec('one', 'ip addr show eth0')).out.replaceAll(/^\d+: |@if\d+/gm, '')
    for (let round = 0; round < 3; round++) {
      await lab.engine.containers.stop('one', { timeout: 0 })
      await lab.engine.containers.start('one', {})
      await lab.engine.containers.restart('one', { timeout: 0 })
    }
    expect((await lab.exec('one', 'ip addr show eth0')).out.replaceAll(/^\d+: |@if\d+/gm, '')).toBe(before)
    await hears('two', 'one')
    await lab.reopen()
    await hears('one', 'two')
  })

  test('a running container joins and leaves, and nothing is published', async () => {
    await hang('macvlan', { parent: BRIDGE })
    await lab.engine.networks.connect('hung', { Container: 'outside' })
    await hears('outside', 'one')
    await lab.engine.networks.disconnect('hung', { Container: 'outside' })
    expect((await lab.exec('outside', 'ls /sys/class/net')).out).not.toContain('eth1')
    await lab.engine.containers.remove('one', { force: true, volumes: true, link: false })
    await lab.run('one', { HostConfig: { NetworkMode: 'hung', PortBindings: { '80/tcp': [{}] } } })
    const { NetworkSettings } = await lab.engine.containers.inspect('one', { size: false })
    expect(NetworkSettings.Ports['80/tcp'] ?? []).toEqual([])
  })

  requires(
    VLAN,
  ).test('an 802.1q sub-interface is made for the networks on it, and goes with the last', {}, async () => {
    await hang('macvlan', { parent: `${BRIDGE}.10` })
    await hears('one', 'two')
    expect(existsSync(`/sys/class/net/${BRIDGE}.10`)).toBe(true)
    for (const name of ['one', 'two'])
      await lab.engine.containers.remove(name, { force: true, volumes: true, link: false })
    await lab.engine.networks.remove('hung')
    expect(existsSync(`/sys/class/net/${BRIDGE}.10`)).toBe(false)
  })
})

requires(IPVLAN).describe('ipvlan', () => {
  test.each(['l2', 'l3', 'l3s'])('containers reach each other by name in the mode %s', async mode => {
    await hang('ipvlan', { parent: BRIDGE, ipvlan_mode: mode })
    await hears('one', 'two')
    await hears('two', 'one')
    if (mode === 'l2') await hears('one', OUTSIDE, 'outside')
    await lab.engine.containers.restart('one', { timeout: 0 })
    await hears('two', 'one')
  })

  test('they are kept from each other by the flag private', async () => {
    await hang('ipvlan', { parent: BRIDGE, ipvlan_flag: 'private' })
    expect(await said('one', await addressOf('two'))).not.toContain('two')
  })

  test('a MAC address of its own is refused', async () => {
    await hang('ipvlan', { parent: BRIDGE })
    await expect(
      lab.run('third', { HostConfig: { NetworkMode: 'hung' }, MacAddress: '02:00:00:00:00:09' }),
    ).rejects.toMatchObject({ code: 'MAC_ADDRESS_INVALID' })
    await lab.engine.containers.remove('third', { force: true, volumes: true, link: false })
  })
})

describe('what this machine has not', () => {
  let sandbox: Sandbox
  beforeAll(() => {
    sandbox = makeSandbox()
  })
  afterAll(() => sandbox.close())

  test.each([
    [
      '{driver: macvlan, driver_opts: {parent: nosuch0}}',
      MACVLAN.missing === undefined ? 'NETWORK_PARENT' : 'NETWORK_UNSUPPORTED',
    ],
    ...(IPVLAN.missing === undefined ? [] : [['{driver: ipvlan}', 'NETWORK_UNSUPPORTED']]),
  ])('is told at its place in the file before anything is made: %s', async (network, code) => {
    sandbox.write(
      'compose.yaml',
      `name: hung\nservices: {a: {image: busybox, networks: [n, m]}}\nnetworks:\n  n: ${network}\n  m: {}\n`,
    )
    for (const command of [['plan'], ['up', '-d']]) {
      const { status, stdout, stderr } = await sandbox.run(...command)
      expect([status === 0, stdout + stderr]).toEqual([false, expect.stringContaining(code ?? '')])
      expect(stdout + stderr).toContain('compose.yaml:4')
    }
    expect((await sandbox.ok('networks', '-q').catch(() => ({ stdout: '' }))).stdout).not.toContain('hung_m')
  })
})
