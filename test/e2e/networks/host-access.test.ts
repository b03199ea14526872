import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { runProgram } from '../harness/run-program.ts'
import { makeSandbox, type Result, type Sandbox } from '../harness/sandbox.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

// What the host listens on is not among what an internal network leads to, unless a service says that it is.
let sandbox: Sandbox
let host: Server
const GATEWAY = '10.97.87.1'
const GATEWAY6 = 'fd00:97:87::1'

const compose = (may: boolean): string => `
name: inner
services:
  shut: {image: busybox, init: true, command: nc -ll -p 80 -e echo shut, networks: [inner]}
  both: {image: busybox, init: true, command: sleep infinity, networks: [inner, outer]}
  may: {image: busybox, init: true, command: sleep infinity, networks: [inner], x-tscompose: {host_access: ${may}}}
networks:
  inner: {internal: true, enable_ipv6: true, ipam: {config: [{subnet: 10.97.87.0/24}, {subnet: "fd00:97:87::/64"}]}}
  outer: {ipam: {config: [{subnet: 10.97.88.0/24}]}}
`

beforeAll(async () => {
  host = createServer(socket => socket.on('error', () => undefined).end('host\n'))
  await once(host.listen(0, '::'), 'listening')
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('compose.yaml', compose(true))
  await sandbox.ok('up', '-d')
})
afterAll(async () => {
  await sandbox?.close()
  host?.close()
})

const asks = (service: string, address: string, at?: number): Promise<Result> => {
  const listening = host.address()
  const port = at ?? (typeof listening === 'object' ? listening?.port : 0)
  return sandbox.run('exec', '-T', service, 'sh', '-c', `nc -w 5 ${address} ${port} </dev/null`)
}
const hears = async (service: string, address: string, at?: number): Promise<string> =>
  (await asks(service, address, at)).stdout.trim()

test('an internal network does not lead to the host, by IPv4 or IPv6, but to its containers', async () => {
  // By TCP's own answer, which is heard at once.
  for (const address of [GATEWAY, GATEWAY6])
    expect(await asks('shut', address)).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining('Connection refused'),
    })
  expect(await hears('both', GATEWAY)).toBe('')
  expect(await hears('both', '10.97.88.1')).toBe('host')
  expect(await hears('may', 'shut', 80)).toBe('shut')
  // Whom the host asks answers it.
  const { stdout } = await sandbox.ok('exec', '-T', 'shut', 'hostname', '-i')
  const { status } = await runProgram(
    'busybox',
    ['nc', '-w', '5', stdout.trim().split(' ')[0] ?? '', '80'],
    {},
  )
  expect(status).toBe(0)
})

test('a service that says so reaches it, by the host’s name, too, also after a restart and with another engine', async () => {
  for (const address of [GATEWAY, GATEWAY6, 'host.docker.internal'])
    expect(await hears('may', address), address).toBe('host')
  await sandbox.ok('restart', '-t', '0', 'may')
  expect(await hears('may', GATEWAY)).toBe('host')
  await sandbox.killEngine()
  expect(await hears('may', GATEWAY)).toBe('host')
  expect(await hears('shut', GATEWAY)).toBe('')
  sandbox.write('compose.yaml', compose(false))
  await sandbox.ok('up', '-d')
  expect(await hears('may', GATEWAY)).toBe('')
  expect(await hears('may', 'host.docker.internal')).toBe('')
})
