import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// A container has NET_RAW and so may send any frame. What its neighbours believe must not depend on that.
let sandbox: Sandbox
const FORGED = '02:11:22:33:44:55'

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  const folder = join(sandbox.folder, 'bin')
  mkdirSync(folder)
  execFileSync('gcc', ['-static', '-O1', '-o', join(folder, 'send-frame'), 'native/test/send-frame.c'])
  const service = `
    image: busybox
    command: sleep infinity
    init: true
    volumes: ["./bin:/own:ro"]`
  sandbox.write(
    'compose.yaml',
    `
name: spoof
services:
  victim: ${service}
    networks: {front: {priority: 9}, back: {}}
  peer: ${service}
    networks: [front]
  attacker: ${service}
    networks: [front]
  router: ${service}
    networks: [front]
    cap_add: [NET_ADMIN]
networks: {front: {enable_ipv6: true}, back: {enable_ipv6: true, ipam: {config: [{subnet: 10.209.77.0/24}]}}}
`,
  )
  await sandbox.ok('up', '-d')
  // Linux keeps an entry for a second after it was confirmed; here a lie would be believed at once.
  const { State } = JSON.parse(request(`containers/${await idOf('victim')}/json`)) as {
    State: { Pid: number }
  }
  const now = 'for each in /proc/sys/net/ipv4/neigh/eth*/locktime; do echo 0 >$each; done'
  execFileSync('nsenter', [`--net=/proc/${State.Pid}/ns/net`, 'sh', '-c', now])
})
afterAll(() => sandbox.close())

/** Asks the engine; with a body it is a POST. */
const request = (path: string, body?: unknown): string =>
  execFileSync(
    'curl',
    [
      ...['-sf', '--unix-socket', sandbox.socket, '-H', 'Content-Type: application/json'],
      ...(body === undefined ? [] : ['-d', JSON.stringify(body)]),
      `http://localhost/${path}`,
    ],
    { encoding: 'utf8' },
  )

const idOf = async (service: string): Promise<string> => (await sandbox.ok('ps', '-q', service)).stdout.trim()

const shell = async (service: string, line: string): Promise<string> =>
  (await sandbox.ok('exec', '-T', service, 'sh', '-c', line)).stdout.trim()

/** An interface of a service. */
interface Interface {
  readonly mac: string
  readonly v4: string
  readonly v6: string
}

async function interfaceOf(service: string, name = 'eth0'): Promise<Interface> {
  const text = await shell(service, `cat /sys/class/net/${name}/address; ip addr show ${name}`)
  return {
    mac: text.split('\n')[0] ?? '',
    v4: /inet ([\d.]+)/.exec(text)?.[1] ?? '',
    v6: /inet6 (fd[\da-f:]+)/.exec(text)?.[1] ?? '',
  }
}

const hex = (mac: string): string => mac.replaceAll(':', '')
const hex4 = (address: string): string => Buffer.from(address.split('.').map(Number)).toString('hex')
/** All 32 digits of an IPv6 address. */
function hex6(address: string): string {
  const [head = '', tail = ''] = address.split('::').map(part => part.split(':').filter(Boolean))
  const groups = [...head, ...new Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
  return groups.map(group => group.padStart(4, '0')).join('')
}

/** «I am ADDRESS» by ARP, to the victim, in the name of a MAC. */
const arp = (victim: Interface, address: string, mac = FORGED): string =>
  `${hex(victim.mac)}${hex(mac)}08060001080006040002${hex(mac)}${hex4(address)}${hex(victim.mac)}${hex4(victim.v4)}`

/** The same by neighbour discovery: an unasked advertisement that overrides, with its checksum. */
function advertisement(victim: Interface, address: string, mac = FORGED): string {
  const [source, target] = [hex6(address), hex6(victim.v6)]
  const message = (sum: string): string => `8800${sum}20000000${source}0201${hex(mac)}`
  const pseudo = Buffer.from(`${source}${target}000000200000003a${message('0000')}`, 'hex')
  let sum = 0
  for (let at = 0; at < pseudo.length; at += 2) sum += pseudo.readUInt16BE(at)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16)
  const checksum = (~sum & 0xffff).toString(16).padStart(4, '0')
  return `${hex(victim.mac)}${hex(mac)}86dd6000000000203aff${source}${target}${message(checksum)}`
}

/** What the victim takes its neighbours for. */
async function neighbours(name = 'eth0'): Promise<Record<string, string>> {
  const text = await shell('victim', `ip neigh show dev ${name}`)
  return Object.fromEntries(
    [...text.matchAll(/^(\S+) lladdr (\S+)/gm)].map(([, ip = '', mac = '']) => [ip, mac]),
  )
}

/** Sends frames, then something honest: when that is answered, they have been judged. */
async function send(from: string, to: Interface, frames: readonly string[], name = 'eth0'): Promise<void> {
  await shell(
    from,
    `/own/send-frame ${name} ${frames.join(' ')} && ping -c 1 -W 5 ${to.v4} && ping -6 -c 1 -W 5 ${to.v6}`,
  )
}

const gatewayOf = (address: string): string => address.replace(/[\da-f]+$/, '1')

describe('neighbours', () => {
  let victim: Interface
  let peer: Interface
  beforeEach(async () => {
    ;[victim, peer] = await Promise.all([interfaceOf('victim'), interfaceOf('peer')])
    for (const address of [peer.v4, gatewayOf(peer.v4)]) await shell('victim', `ping -c 1 -W 5 ${address}`)
    for (const address of [peer.v6, gatewayOf(peer.v6)]) await shell('victim', `ping -6 -c 1 -W 5 ${address}`)
  })

  /** Every lie about the peer and the gateway, in the name of a MAC that does not exist and of the attacker's own. */
  const lies = (own: string): string[] =>
    [peer.v4, gatewayOf(peer.v4)]
      .flatMap(address => [arp(victim, address), arp(victim, address, own)])
      .concat(
        [peer.v6, gatewayOf(peer.v6)].flatMap(address => [
          advertisement(victim, address),
          advertisement(victim, address, own),
        ]),
      )

  async function attackHolds(): Promise<void> {
    const before = await neighbours()
    expect(before[peer.v4]).toBe(peer.mac)
    expect(before[peer.v6]).toBe(peer.mac)
    const attacker = await interfaceOf('attacker')
    await send('attacker', victim, lies(attacker.mac))
    const after = await neighbours()
    for (const address of [peer.v4, peer.v6].flatMap(each => [each, gatewayOf(each)]))
      expect(after[address]).toBe(before[address])
  }

  test('are who they are, whatever a container says', attackHolds)

  test('can be lied to by a container that may route: the frames are right', async () => {
    const router = await interfaceOf('router')
    await send('router', victim, [arp(victim, peer.v4), advertisement(victim, peer.v6)])
    const believed = await neighbours()
    expect(router.mac).not.toBe(FORGED)
    expect([believed[peer.v4], believed[peer.v6]]).toEqual([FORGED, FORGED])
    await shell(
      'router',
      `/own/send-frame eth0 ${arp(victim, peer.v4, peer.mac)} ${advertisement(victim, peer.v6, peer.mac)}`,
    )
    await send('peer', victim, [])
    const restored = await neighbours()
    expect([restored[peer.v4], restored[peer.v6]]).toEqual([peer.mac, peer.mac])
  })

  test('are after a restart', async () => {
    await sandbox.ok('restart', '-t', '0', 'attacker')
    await attackHolds()
  })

  test('cannot be spoken to from an address that is not the sender’s', async () => {
    const lost = `${hex(victim.mac)}${hex((await interfaceOf('attacker')).mac)}08004500001c000000004001`
    const before = Number(await shell('victim', 'cat /sys/class/net/eth0/statistics/rx_packets'))
    await shell(
      'attacker',
      `for i in 1 2 3 4 5 6 7 8 9 10; do /own/send-frame eth0 ${lost}0000${hex4(peer.v4)}${hex4(victim.v4)}0800f7ff00000000; done`,
    )
    const heard = Number(await shell('victim', 'cat /sys/class/net/eth0/statistics/rx_packets')) - before
    expect(heard).toBeLessThan(20)
  })
})

test('a network that a running container joins, with a MAC and addresses of its own, is safe as well', async () => {
  const network = JSON.parse(request('networks/spoof_back')) as { IPAM: { Config: { Subnet: string }[] } }
  const subnet = network.IPAM.Config.map(({ Subnet }) => Subnet).find(each => each.includes('.')) ?? ''
  const address = subnet.replace(/\d+\/\d+$/, '77')
  const Container = await idOf('attacker')
  const EndpointConfig = { MacAddress: '02:aa:bb:cc:dd:ee', IPAMConfig: { IPv4Address: address } }
  for (const _round of [1, 2]) {
    request('networks/spoof_back/connect', { Container, EndpointConfig })
    const [victim, own] = await Promise.all([interfaceOf('victim', 'eth1'), interfaceOf('attacker', 'eth1')])
    expect([own.mac, own.v4]).toEqual([EndpointConfig.MacAddress, address])
    const gateway = gatewayOf(victim.v4)
    await shell('victim', `ping -c 1 -W 5 ${gateway}`)
    const before = await neighbours('eth1')
    expect(before[gateway]).toMatch(/^02:/)
    await send('attacker', victim, [arp(victim, gateway), arp(victim, gateway, own.mac)], 'eth1')
    expect((await neighbours('eth1'))[gateway]).toBe(before[gateway])
    request('networks/spoof_back/disconnect', { Container })
  }
})
