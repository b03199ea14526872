import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { killContainer, pidOfContainer } from '../harness/kill-container.ts'
import { runProgram } from '../harness/run-program.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

// A service that says where it may go goes nowhere else: machines beyond the host are namespaces on a link of the test's own.
let sandbox: Sandbox
let outside: Server
const BEYOND = `eg${process.pid}`
const FAR = '10.97.81.2'
const NOWHERE = '127.0.0.0/8'
const FAR6 = 'fd00:97:81::2'

const compose = (egress: string): string => `
name: egress
services:
  held:
    image: busybox
    init: true
    command: sh -c 'nc -ll -p 80 -e echo held & exec sleep infinity'
    restart: always
    networks: [front]
    x-tscompose: {egress: [${egress}]}
  beside: {image: busybox, init: true, command: sleep infinity, network_mode: "service:held"}
  free: {image: busybox, init: true, command: sleep infinity, networks: [front]}
  near: {image: busybox, init: true, command: nc -ll -p 80 -e echo near, networks: [front, back]}
networks:
  front: {enable_ipv6: true, ipam: {config: [{subnet: 10.97.80.0/24}, {subnet: "fd00:97:80::/64"}]}}
  back: {ipam: {config: [{subnet: 10.97.82.0/24}]}}
`

const sh = (line: string): Promise<void> =>
  new Promise((done, fail) => {
    spawn('sh', ['-c', line], { stdio: 'inherit' }).once('close', code =>
      code === 0 ? done() : fail(new Error(line)),
    )
  })

beforeAll(async () => {
  // Addresses of the host's own beside its gateways stand for other machines: to a container they are all the same.
  await sh(
    `ip link add ${BEYOND} type bridge && ip addr add ${FAR}/32 dev ${BEYOND} && ip addr add ${FAR6}/128 dev ${BEYOND} nodad && ip link set ${BEYOND} up`,
  )
  outside = createServer(socket => socket.on('error', () => undefined).end('outside\n'))
  await once(outside.listen(0, '::'), 'listening')
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('compose.yaml', compose(NOWHERE))
  await sandbox.ok('up', '-d')
})
afterAll(async () => {
  await sandbox?.close()
  outside?.close()
  await sh(`ip link del ${BEYOND}`)
})

const port = (): number => {
  const address = outside.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}
/** What a service hears at an address, if it gets there. */
const hears = async (service: string, address: string, at = port()): Promise<string> =>
  (await sandbox.run('exec', '-T', service, 'sh', '-c', `nc -w 5 ${address} ${at} </dev/null`)).stdout.trim()
const refusals = async (): Promise<readonly Record<string, unknown>[]> =>
  (await sandbox.ok('egress', '--json', 'held')).stdout
    .split('\n')
    .flatMap(line => (line === '' ? [] : [JSON.parse(line) as Record<string, unknown>]))
const up = async (egress: string): Promise<void> => {
  sandbox.write('compose.yaml', compose(egress))
  await sandbox.ok('up', '-d')
}

test('reaches its own networks and resolver alone, is reached, and is told of what it wanted', async () => {
  expect(await hears('held', 'near', 80)).toBe('near')
  expect(await hears('free', FAR)).toBe('outside')
  expect(await hears('held', FAR)).toBe('')
  expect(await hears('held', FAR6)).toBe('')
  // The host is none of its network's services.
  expect(await hears('held', '10.97.80.1')).toBe('')
  await eventually('who comes to it is answered', async () => (await hears('near', 'held', 80)) === 'held')
  const found = await refusals()
  for (const address of [FAR, FAR6, '10.97.80.1'])
    expect(found).toContainEqual({
      service: 'held',
      container: 'held-1',
      address,
      protocol: 'tcp',
      port: port(),
      packets: expect.any(Number),
      last: expect.stringMatching(/^20/),
    })
  expect((await sandbox.ok('egress', 'free')).stdout).toBe('')
  // Nor could frames of its own making pass, or those of who is in its network.
  for (const service of ['held', 'beside']) {
    const { stdout } = await sandbox.ok('exec', '-T', service, 'grep', 'CapBnd', '/proc/self/status')
    expect(Number.parseInt(stdout.slice(-5).trim(), 16) & (1 << 13), service).toBe(0)
  }
  expect(await hears('beside', FAR)).toBe('')
})

test.each([FAR, FAR6])('is told at once that nobody connects to %s', async address => {
  const id = (await sandbox.ok('ps', '-q', '--no-trunc', 'held')).stdout.trim()
  const connect = `require('net').connect(${port()}, '${address}').on('error', error => console.log(error.code))`
  const args = ['-t', String(pidOfContainer(sandbox.env, id)), '-n', process.execPath, '-e', connect]
  // By ICMP it would be EACCES, or EHOSTUNREACH, and of IPv6 a second later.
  expect((await runProgram('nsenter', args, {})).stdout.trim()).toBe('ECONNREFUSED')
})

test('reaches the host by no address either that all in its networks answer by', async () => {
  const id = (await sandbox.ok('ps', '-q', '--no-trunc', 'held')).stdout.trim()
  const held = pidOfContainer(sandbox.env, id)
  for (const [type, address] of [
    ['udp4', '10.97.80.255'],
    ['udp4', '10.97.80.0'],
    ['udp6', 'fd00:97:80::'],
  ] as const) {
    const send = `const s = require('dgram').createSocket('${type}'); s.bind(() => { ${type === 'udp4' ? 's.setBroadcast(true);' : ''} s.send('x', 9, '${address}', () => s.close()) })`
    await sh(`nsenter -t ${held} -n ${process.execPath} -e "${send}"`)
    expect(await refusals(), address).toContainEqual(
      expect.objectContaining({ address, protocol: 'udp', port: 9 }),
    )
  }
})

test('reaches what its lines name, by their protocol and ports', async () => {
  await up(`"${FAR}:${port()}", "[${FAR6}]:${port()}", "10.97.99.0/24"`)
  expect(await hears('held', FAR)).toBe('outside')
  expect(await hears('held', FAR6)).toBe('outside')
  await up(`"${FAR}:${port() + 1}-65535", "${FAR}:${port()}/udp", "fd00:97:81::/112"`)
  expect(await hears('held', FAR)).toBe('')
  expect(await hears('held', FAR6)).toBe('outside')
  await up(`"host.docker.internal:${port()}"`)
  expect(await hears('held', '10.97.80.1')).toBe('outside')
  expect(await hears('held', FAR)).toBe('')
})

test('is held while an engine is dead and over a restart, and by networks that it joins later', async () => {
  await sandbox.killEngine()
  expect(await hears('held', FAR)).toBe('')
  const before = await refusals()
  expect(before.length).toBeGreaterThan(0)
  const id = (await sandbox.ok('ps', '-q', '--no-trunc', 'held')).stdout.trim()
  killContainer(sandbox.env, id)
  await eventually('it runs again', async () => (await hears('near', 'held', 80)) === 'held')
  expect(await hears('held', FAR)).toBe('')
  await sandbox.ok('restart', '-t', '0', 'held')
  expect(await hears('held', FAR)).toBe('')
  sandbox.write(
    'compose.yaml',
    compose(NOWHERE).replace('networks: [front]\n    x-t', 'networks: [front, back]\n    x-t'),
  )
  await sandbox.ok('up', '-d')
  expect(await hears('held', '10.97.82.1')).toBe('')
  expect(await hears('held', FAR)).toBe('')
})

test('is refused who joins its network with rights by which he could pass by', async () => {
  sandbox.write(
    'joins.yaml',
    `name: joins
services:
  a: {image: busybox, command: sleep infinity, init: true, x-tscompose: {egress: [10.0.0.0/8]}}
  b: {image: busybox, command: "true", network_mode: "service:a", cap_add: [NET_ADMIN]}
`,
  )
  const { status, stderr } = await sandbox.run('-f', 'joins.yaml', 'up', '-d')
  expect(stderr).toContain('EGRESS_INVALID')
  expect(stderr).toMatch(/joins\.yaml:4/)
  expect(status).not.toBe(0)
  await sandbox.ok('-f', 'joins.yaml', 'down', '-t', '0')
})

test.each([
  ['network_mode: host', 'CONFLICTING_ATTRIBUTES'],
  ['privileged: true', 'CONFLICTING_ATTRIBUTES'],
  ['cap_add: [NET_ADMIN]', 'CONFLICTING_ATTRIBUTES'],
])('is refused with %s', async (line, code) => {
  sandbox.write(
    'wrong.yaml',
    `name: wrong\nservices:\n  a:\n    image: busybox\n    ${line}\n    x-tscompose: {egress: [10.0.0.0/8]}\n`,
  )
  const { status, stderr } = await sandbox.run('-f', 'wrong.yaml', 'plan')
  expect(stderr).toContain(code)
  expect(stderr).toMatch(/wrong\.yaml:5/)
  expect(status).not.toBe(0)
})
