// Many clients at once, and clients that vanish in the middle: the engine answers others all the while, and nothing of them stays.
import { readdirSync, readFileSync } from 'node:fs'
import { createConnection, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  const command = 'sh -c "head -c 30000000 /dev/zero > /large; while true; do echo line; sleep 1; done"'
  const silent = '{image: busybox, init: true, command: sleep 1000}'
  sandbox.write(
    'compose.yaml',
    `name: crowd\nservices:\n  web: {image: busybox, init: true, command: ${JSON.stringify(command)}}\n  silent: ${silent}\n`,
  )
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

const descriptors = (): number => readdirSync(`/proc/${sandbox.enginePid()}/fd`).length
const memory = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${sandbox.enginePid()}/status`, 'utf8'))?.[1]) / 1024

/** A client that has begun to be answered, or has sent what it was to send; it reads on only if it is told to. */
async function client(request: string): Promise<Socket> {
  for (;;) {
    const socket = createConnection(sandbox.socket)
    const isConnected = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.on('error', () => undefined)
    if (!isConnected) continue
    socket.write(request)
    return socket
  }
}

const answered = (socket: Socket): Promise<unknown> =>
  new Promise(resolve => socket.once('readable', () => resolve(socket)))
const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: docker\r\n\r\n`
const post = (path: string, body = ''): string =>
  `POST ${path} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const upgrade = (path: string, body = ''): string =>
  post(path, body).replace('Content-Type', 'Connection: Upgrade\r\nUpgrade: tcp\r\nX-Type')
const WEB = '/containers/crowd-web-1'

/** So many clients of one request at once; others are served meanwhile; then all vanish. */
async function crowd(request: string, count: number): Promise<void> {
  const docker = new Docker({ socketPath: sandbox.socket })
  const clients = await Promise.all(Array.from({ length: count }, () => client(request)))
  await Promise.all(clients.map(answered))
  expect(String(await docker.ping())).toBe('OK')
  for (const each of clients) each.destroy()
  docker.modem.destroy()
}

test.each([
  ['a log', get(`${WEB}/logs?follow=1&stdout=1`)],
  ['events', get('/events')],
])(
  'a thousand followers of %s are served, and leave nothing',
  async (_, request) => {
    showLogOnFailure(sandbox)
    await crowd(request, 10)
    await eventually('the first ones have gone', () => descriptors() < 60)
    const before = descriptors()
    await crowd(request, 1000)
    await eventually('all descriptors are closed', () => descriptors() <= before)
    const first = memory()
    for (let round = 0; round < 2; round += 1) await crowd(request, 1000)
    await eventually('all descriptors are closed again', () => descriptors() <= before)
    expect(memory()).toBeLessThan(first + 100)
  },
  120_000,
)

/** Requests whose answers, or bodies, are long: their client reads the beginning and goes. */
const LONG: readonly (readonly [string, string])[] = [
  ['logs', get(`${WEB}/logs?follow=1&stdout=1`)],
  ['stats', get(`${WEB}/stats`)],
  ['wait', post(`${WEB}/wait`)],
  ['attach', upgrade(`${WEB}/attach?stream=1&stdout=1`)],
  ['attach to one that says nothing', upgrade('/containers/crowd-silent-1/attach?stream=1&stdout=1&stdin=1')],
  ['archive', get(`${WEB}/archive?path=/large`)],
  ['export', get(`${WEB}/export`)],
  ['save', get('/images/busybox/get')],
]

test.each(LONG)('clients that vanish in %s leave nothing', async (_, request) => {
  showLogOnFailure(sandbox)
  await crowd(request, 1)
  await eventually('the first one has gone', () => descriptors() < 60)
  const before = descriptors()
  await crowd(request, 20)
  await eventually('all descriptors are closed', () => descriptors() <= before)
})

test('clients that vanish while they send leave nothing', async () => {
  showLogOnFailure(sandbox)
  const before = descriptors()
  const half = (method: string, path: string): string =>
    `${method} ${path} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/x-tar\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(2000)}`
  const requests = [
    half('POST', '/build'),
    half('POST', '/images/load'),
    half('PUT', `${WEB}/archive?path=/tmp`),
    half('POST', '/containers/create'),
    post('/images/create?fromImage=127.0.0.1:9/none&tag=x'),
  ]
  const clients = await Promise.all(requests.flatMap(each => [each, each, each, each]).map(client))
  expect(String(await new Docker({ socketPath: sandbox.socket }).ping())).toBe('OK')
  for (const each of clients) each.destroy()
  await eventually('all descriptors are closed', () => descriptors() <= before + 1)
})

test('what was run for clients that have vanished ends with its container alone, and nothing of it is left in the engine', async () => {
  const docker = new Docker({ socketPath: sandbox.socket })
  const before = descriptors()
  for (let each = 0; each < 5; each += 1) {
    const exec = await docker.getContainer('crowd-web-1').exec({ Cmd: ['sleep', '1'], AttachStdout: true })
    const start = upgrade(`/exec/${exec.id}/start`, '{}')
    const socket = await client(start)
    await answered(socket)
    socket.destroy()
  }
  await eventually('all descriptors are closed', () => descriptors() <= before + 1)
})
