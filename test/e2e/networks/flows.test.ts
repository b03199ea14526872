// Clients that go on sending: the kernel decides by a flow's first packet where it goes, so flows end with what they went to.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { ContainerCreateRequest, PortMap } from '../../../src/api/types/index.ts'
import { requires } from '../../requires.ts'
import { EngineLab } from '../harness/engine-lab.ts'
import { eventually } from '../harness/eventually.ts'

const lab = new EngineLab()
const servers: ChildProcess[] = []
const clients: Socket[] = []

beforeAll(async () => {
  await lab.open()
  await lab.buildImage()
})
afterEach(async () => {
  await stopServers()
  for (const client of clients.splice(0)) client.close()
  await lab.clear()
})
afterAll(() => lab.close())

/** Whoever is in a network keeps it, and so the interface that has its address. */
async function stopServers(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.kill('SIGKILL')
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
  }
}

const OWN = Object.values(networkInterfaces())
  .flatMap(list => list ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address
const HOST = OWN ?? ''
const withAddress = requires({
  what: 'an address of the machine',
  missing: OWN === undefined ? 'loopback alone' : undefined,
}).test

/** Tells who it is to each datagram. */
const WHO = `const socket = require('dgram').createSocket('udp4')
socket.on('message', (_, { port, address }) => socket.send(process.argv[1], port, address)).bind(7000)`

/** A container at an address of `front` that answers datagrams with its name; its port of the host, where it publishes one. */
async function answering(
  name: string,
  address: string,
  ports: NonNullable<ContainerCreateRequest['HostConfig']>['PortBindings'] = {},
): Promise<number> {
  await lab.run(name, {
    HostConfig: { NetworkMode: 'front', PortBindings: ports },
    NetworkingConfig: { EndpointsConfig: { front: { IPAMConfig: { IPv4Address: address } } } },
  })
  const { NetworkSettings, State } = await lab.engine.containers.inspect(name, { size: false })
  servers.push(spawn('nsenter', ['-t', String(State.Pid), '-n', process.execPath, '-e', WHO, name]))
  await eventually(`${name} answers`, async () => (await ask(await client(), address, 7000)) === name)
  return Number(NetworkSettings.Ports['7000/udp']?.[0]?.HostPort)
}

async function client(): Promise<Socket> {
  const socket = createSocket('udp4')
  clients.push(socket)
  socket.bind()
  await once(socket, 'listening')
  return socket
}

/** Who answers a datagram from this socket; undefined where nobody does in a while. What comes too late is let go. */
async function ask(socket: Socket, host: string, port: number): Promise<string | undefined> {
  const answer = once(socket, 'message', { signal: AbortSignal.timeout(500) })
  socket.send('who are you?', port, host)
  try {
    return String((await answer)[0])
  } catch {
    return undefined
  }
}

withAddress(
  'who goes on sending to a port reaches who has it now, and nobody where it is published no longer',
  {},
  async () => {
    const at = (last: number): string => `10.211.43.${last}`
    await lab.engine.networks.create({ Name: 'front', IPAM: { Config: [{ Subnet: '10.211.43.0/24' }] } })
    const port = await answering('first', at(5), { '7000/udp': [{}] })
    const socket = await client()
    expect(await ask(socket, HOST, port)).toBe('first')

    await stopServers()
    await lab.engine.containers.remove('first', { force: true, volumes: true, link: false })
    await answering('second', at(5))
    expect(await ask(socket, HOST, port)).toBe(undefined)

    await answering('third', at(6), { '7000/udp': [{ HostPort: String(port) }] })
    expect(await ask(socket, HOST, port)).toBe('third')
    const others = await Promise.all(Array.from({ length: 40 }, client))
    expect(new Set(await Promise.all(others.map(each => ask(each, HOST, port))))).toEqual(new Set(['third']))

    // A change of other ports leaves flows alone: the fourth gets none of them, and the third loses none.
    await answering('fourth', at(7), { '7000/udp': [{ HostIp: HOST, HostPort: '0' }] })
    expect(await ask(socket, HOST, port)).toBe('third')
  },
)

withAddress('an engine ends the flows of what has ended while there was none', {}, async () => {
  const at = (last: number): string => `10.211.44.${last}`
  await lab.engine.networks.create({ Name: 'front', IPAM: { Config: [{ Subnet: '10.211.44.0/24' }] } })
  const port = await answering('first', at(5), { '7000/udp': [{}] })
  const stays = await answering('stays', at(6), { '7000/udp': [{}] })
  const socket = await client()
  expect(await ask(socket, HOST, port)).toBe('first')
  expect(await ask(socket, HOST, stays)).toBe('stays')
  const pid = await lab.pidOf('first')
  servers.shift()?.kill('SIGKILL')
  await lab.engine.close()
  process.kill(pid, 'SIGKILL')
  await eventually('it has ended', () => !isThere(pid))
  await lab.open()
  await answering('second', at(5))
  await eventually('nobody answers there', async () => (await ask(socket, HOST, port)) === undefined)
  expect(await ask(socket, HOST, stays)).toBe('stays')
})

test('ports of UDP change while their container runs: clients of one that goes are let go', async () => {
  await lab.engine.networks.create({ Name: 'front', IPAM: { Config: [{ Subnet: '10.211.46.0/24' }] } })
  const host = '127.0.63.14'
  const publish = (...numbers: readonly number[]): PortMap => ({
    '7000/udp': numbers.map(port => ({ HostIp: host, HostPort: String(port) })),
  })
  await answering('one', '10.211.46.5', publish(17_001, 17_002))
  const socket = await client()
  for (const port of [17_001, 17_002]) expect(await ask(socket, host, port)).toBe('one')
  await lab.engine.containers.update('one', {
    TscomposeAdapt: {
      Fields: ['HostConfig.PortBindings'],
      HostConfig: { PortBindings: publish(17_002, 17_003) },
    },
  })
  const answers = [17_001, 17_002, 17_003].map(port => () => ask(socket, host, port))
  expect([await answers[0]?.(), await answers[1]?.(), await answers[2]?.()]).toEqual([
    undefined,
    'one',
    'one',
  ])
  const { NetworkSettings } = await lab.engine.containers.inspect('one', { size: false })
  expect(NetworkSettings.Ports).toEqual(publish(17_002, 17_003))
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('what is still sent to a container that has left reaches nobody who has its address next', async () => {
  const far = `fl${process.pid}`
  const machine = '10.211.48.2'
  const sh = (line: string): unknown => execFileSync('sh', ['-c', line])
  sh(
    `ip netns add ${far} && ip link add ${far} type veth peer name eth0 netns ${far} && ip addr add 10.211.48.1/24 dev ${far} && ip link set ${far} up && ip netns exec ${far} sh -c 'ip addr add ${machine}/24 dev eth0; ip link set eth0 up'`,
  )
  // Tells whoever asks once who he is to it, and goes on doing so.
  const tell = `const socket = require('dgram').createSocket('udp4')
    socket.on('message', (_, { port, address }) => setInterval(() => socket.send('still', port, address), 20)).bind(7000, '${machine}')`
  // What was on its way already, and waited for somebody with the address, comes first; what comes later was led there.
  const hear = (ask: string): string => `let heard = 'nothing'
    const socket = require('dgram').createSocket('udp4')
    socket.on('message', text => (heard = String(text))).bind(7001, () => { ${ask} })
    setTimeout(() => (heard = 'nothing'), 300)
    setTimeout(() => { console.log(heard); process.exit() }, 800)`
  const inside = async (name: string, ask: string): Promise<string> =>
    execFileSync('nsenter', ['-t', String(await lab.pidOf(name)), '-n', process.execPath, '-e', hear(ask)], {
      encoding: 'utf8',
    }).trim()
  const at: ContainerCreateRequest = {
    HostConfig: { NetworkMode: 'front' },
    NetworkingConfig: { EndpointsConfig: { front: { IPAMConfig: { IPv4Address: '10.211.47.5' } } } },
  }
  try {
    servers.push(spawn('ip', ['netns', 'exec', far, process.execPath, '-e', tell]))
    await lab.engine.networks.create({ Name: 'front', IPAM: { Config: [{ Subnet: '10.211.47.0/24' }] } })
    await lab.run('first', at)
    await eventually(
      'the first hears',
      async () => (await inside('first', `socket.send('?', 7000, '${machine}')`)) === 'still',
    )
    await lab.engine.networks.disconnect('front', { Container: 'first', Force: false })
    // What was led to it before, and waits for somebody to have the address, is let go.
    sh('ip neigh flush nud all to 10.211.47.5')
    await lab.run('second', at)
    expect(await inside('second', '')).toBe('nothing')
    await lab.engine.containers.remove('second', { force: true, volumes: true, link: false })
    await lab.run('third', at)
    expect(await inside('third', '')).toBe('nothing')
  } finally {
    await stopServers()
    sh(`ip netns del ${far}; ip link del ${far} 2>/dev/null || true`)
  }
})
