// Where a port is published at all, by what kind of networks its container is on.
import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { PortBinding } from '../../../src/api/types/index.ts'
import { requires } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'

const lab = new EngineLab()

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(() => lab.clear())
afterAll(() => lab.close())

const BRIDGE_OPTION = 'com.docker.network.bridge.'

/** A container on the network that publishes its port 80 at any port of the host; where that is. */
async function publish(network: string): Promise<readonly PortBinding[]> {
  await lab.run('web', {
    HostConfig: { NetworkMode: network, PortBindings: { '80/tcp': [{}] } },
    Cmd: ['sh', '-c', 'mkdir /www; exec httpd -f -h /www -p [::]:80'],
  })
  const { NetworkSettings } = await lab.engine.containers.inspect('web', { size: false })
  return NetworkSettings.Ports['80/tcp'] ?? []
}

/** Whether somebody listens there. */
const answers = (host: string, port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect({ host, port })
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('close', () => resolve(false)).once('connect', () => socket.destroy())
  })

test('nothing is published from an internal network', async () => {
  await lab.engine.networks.create({ Name: 'inside', Internal: true })
  expect(await publish('inside')).toEqual([])
  const { Warnings } = await lab.engine.containers.create(
    { Image: 'bb', Cmd: ['sh'], HostConfig: { NetworkMode: 'inside', PortBindings: { '80/tcp': [{}] } } },
    { name: 'told' },
  )
  expect(Warnings).toHaveLength(1)
})

test('of a network of IPv6 alone, nothing is published at addresses of IPv4', async () => {
  await lab.engine.networks.create({
    Name: 'six',
    EnableIPv4: false,
    EnableIPv6: true,
    IPAM: { Config: [{ Subnet: 'fd61:7:1::/64' }] },
  })
  const ports = await publish('six')
  expect(ports.map(({ HostIp }) => HostIp)).toEqual(['::'])
  const port = Number(ports[0]?.HostPort)
  await eventually('it listens', () => answers('::1', port))
  expect(await answers('127.0.0.1', port)).toBe(false)
})

test('a network may have an address of the host for ports that name none', async () => {
  const { Warning } = await lab.engine.networks.create({
    Name: 'local',
    Options: { [`${BRIDGE_OPTION}host_binding_ipv4`]: '127.0.0.2', [`${BRIDGE_OPTION}enable_iic`]: 'false' },
  })
  expect(Warning).toContain('enable_iic')
  const ports = await publish('local')
  expect(ports.map(({ HostIp }) => HostIp)).toEqual(['127.0.0.2'])
  const port = Number(ports[0]?.HostPort)
  await eventually('it listens', () => answers('127.0.0.2', port))
  expect(await answers('127.0.0.1', port)).toBe(false)
})

test('an endpoint may have sysctls of its interface, from its container’s start on', async () => {
  const Sysctls = { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.IFNAME.log_martians=1' }
  await lab.engine.networks.create({ Name: 'front' })
  await lab.run('web', {
    HostConfig: { NetworkMode: 'front' },
    NetworkingConfig: { EndpointsConfig: { front: { DriverOpts: Sysctls } } },
  })
  const { out } = await lab.exec('web', 'cat /proc/sys/net/ipv4/conf/eth0/log_martians')
  expect(out.trim()).toBe('1')
  await lab.engine.networks.create({ Name: 'back' })
  await expect(
    lab.engine.networks.connect('back', { Container: 'web', EndpointConfig: { DriverOpts: Sysctls } }),
  ).rejects.toMatchObject({ code: 'ENDPOINT_OPTION' })
})

test('a link-local address of IPv6 wants a network that has IPv6', async () => {
  await lab.engine.networks.create({ Name: 'front' })
  await expect(
    lab.run('web', {
      HostConfig: { NetworkMode: 'front' },
      NetworkingConfig: { EndpointsConfig: { front: { IPAMConfig: { LinkLocalIPs: ['fe80::77'] } } } },
    }),
  ).rejects.toMatchObject({ code: 'ADDRESS_INVALID' })
})

/** What comes back of a datagram; undefined where nothing does in a while. */
async function answerOf(host: string, port: number): Promise<string | undefined> {
  const socket = createSocket('udp4')
  const answer = once(socket, 'message', { signal: AbortSignal.timeout(2_000) })
  socket.send('anybody?', port, host)
  try {
    return String((await answer)[0])
  } catch {
    return undefined
  } finally {
    socket.close()
  }
}

/** Answers each datagram at these ports in a container's network with the port's number. */
const ECHO = `for (const port of process.argv.slice(1)) {
  const socket = require('dgram').createSocket('udp4')
  socket.on('message', (_, { port: to, address }) => socket.send(port, to, address)).bind(Number(port))
}`

test('ten thousand ports are published, each leads to its own, and their relay stays small', async () => {
  const host = '127.0.0.9'
  const numbers = Array.from({ length: 10_000 }, (_, at) => 20_000 + at)
  await lab.engine.networks.create({ Name: 'front' })
  await lab.run('many', {
    HostConfig: {
      NetworkMode: 'front',
      PortBindings: Object.fromEntries(
        numbers.map(port => [`${port}/udp`, [{ HostIp: host, HostPort: String(port) }]]),
      ),
    },
  })
  const { NetworkSettings, State } = await lab.engine.containers.inspect('many', { size: false })
  expect(Object.keys(NetworkSettings.Ports)).toHaveLength(10_000)
  // A default one has room for some 270 small datagrams: of 900 clients at once half had no answer.
  const room = execFileSync('ss', ['-uanmH', 'src', `${host}:20000`], { encoding: 'utf8' })
  expect(Number(/,rb(\d+),/.exec(room)?.[1])).toBeGreaterThanOrEqual(2 << 20)
  const ends = ['20000', '29999']
  const server = spawn('nsenter', ['-t', String(State.Pid), '-n', process.execPath, '-e', ECHO, ...ends])
  try {
    for (const port of ends)
      await eventually('it answers', async () => (await answerOf(host, Number(port))) === port)
  } finally {
    server.kill('SIGKILL')
  }
  const relay = childrenOf(Number(statusLine(State.Pid, 'PPid'))).find(
    pid => statusLine(pid, 'Name') === 'tscompose-relay',
  )
  expect(Number.parseInt(statusLine(relay ?? 0, 'VmRSS'), 10)).toBeLessThan(10_000)
})

/** Tells each client, in a container's network, the address that it comes from. */
const MIRROR = `require('net').createServer(socket => socket.on('error', () => {}).end(socket.remoteAddress)).listen(80, '0.0.0.0')`

async function seenFrom(host: string, port: number): Promise<string | undefined> {
  const socket = connect({ host, port })
  try {
    return await text(socket)
  } catch {
    return undefined
  }
}

const OWN = Object.values(networkInterfaces())
  .flatMap(list => list ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

requires({
  what: 'an address of the machine',
  missing: OWN === undefined ? 'loopback alone' : undefined,
}).test('who comes by an address of the host’s own is seen with it, but where ports are published by listening sockets alone', {}, async () => {
  const host = OWN ?? ''
  await lab.engine.networks.create({ Name: 'front' })
  for (const [name, more] of [
    ['direct', {}],
    ['proxied', { TscomposePublish: 'proxy' }],
  ] as const) {
    await lab.run(name, { HostConfig: { NetworkMode: 'front', PortBindings: { '80/tcp': [{}] }, ...more } })
    const { NetworkSettings, State } = await lab.engine.containers.inspect(name, { size: false })
    const server = spawn('nsenter', ['-t', String(State.Pid), '-n', process.execPath, '-e', MIRROR])
    const port = Number(NetworkSettings.Ports['80/tcp']?.[0]?.HostPort)
    try {
      await eventually('it answers', async () => (await seenFrom('127.0.0.1', port)) !== undefined)
      const gateway = await seenFrom('127.0.0.1', port)
      expect(gateway).not.toBe(host)
      expect(await seenFrom(host, port)).toBe(name === 'direct' ? host : gateway)
    } finally {
      server.kill('SIGKILL')
    }
  }
  const sctp = { PortBindings: { '80/sctp': [{}] }, TscomposePublish: 'proxy' } as const
  await expect(lab.run('sctp', { HostConfig: { NetworkMode: 'front', ...sctp } })).rejects.toMatchObject({
    code: 'PUBLISH_INVALID',
  })
})

function statusLine(pid: number, name: string): string {
  const line = new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return line?.[1] ?? ''
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
