import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { takeInventory, untilNothingIsLeft } from '../harness/inventory.ts'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// One stack, taken through its life from up to down -v. The tests build on each other, in order.
let sandbox: Sandbox
let port: number

beforeAll(async () => {
  sandbox = makeSandbox()
  port = await freePort()
  await sandbox.busybox()
  sandbox.write('www/index.html', 'hello\n')
  sandbox.write(
    'compose.yaml',
    `
name: life
services:
  web:
    image: busybox
    command: httpd -f -p 80 -h /www
    ports: ["127.0.0.1:${port}:80"]
    volumes: ["./www:/www:ro"]
    networks: [front, back]
    environment: {COLOR: red}
    depends_on: {store: {condition: service_healthy}}
  store:
    image: busybox
    command: sh -c 'trap "exit 0" TERM; echo started; echo to-stderr >&2; while true; do sleep 0.1; done'
    volumes: ["data:/data"]
    networks: {back: {aliases: [db]}}
    healthcheck: {test: [CMD, "true"], interval: 1s, start_period: 5s, start_interval: 100ms}
networks: {front: {}, back: {}}
volumes: {data: {}}
`,
  )
})
afterAll(() => sandbox.close())

interface Row {
  Name: string
  Service: string
  State: string
  Health: string
  ID: string
}
const ps = async (...args: string[]): Promise<Row[]> =>
  (await sandbox.ok('ps', '--format', 'json', ...args)).stdout
    .trim()
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
/** Nothing checks its health: it runs before it listens. */
const page = (): Promise<string> =>
  eventually('the page answers', async () => (await fetch(`http://127.0.0.1:${port}/`)).text())

test('plan names everything that up would make, and makes nothing', async () => {
  const { stdout } = await sandbox.ok('plan', '--json')
  const names = JSON.parse(stdout).operations.map(
    (operation: { resource: { name: string } }) => operation.resource.name,
  )
  expect(new Set(names)).toEqual(
    new Set(['life_front', 'life_back', 'life_data', 'life-web-1', 'life-store-1']),
  )
  expect(await ps('-a')).toEqual([])
})

test('up --wait brings it up and healthy', async () => {
  await sandbox.ok('up', '-d', '--wait')
  expect((await ps()).map(({ Name, State, Health }) => ({ Name, State, Health }))).toEqual([
    { Name: 'life-store-1', State: 'running', Health: 'healthy' },
    { Name: 'life-web-1', State: 'running', Health: '' },
  ])
  expect(await page()).toBe('hello\n')
  // Two bridges, three ends of veth pairs: what the last test looks for. The build's engine may be there yet, with the default bridge.
  const { links } = takeInventory(sandbox.env)
  expect(links.filter(name => name.startsWith('tv'))).toHaveLength(3)
  expect([2, 3]).toContain(links.filter(name => name.startsWith('tsc-')).length)
})

test('a second up has nothing to do', async () => {
  const before = await ps()
  expect(JSON.parse((await sandbox.ok('plan', '--json')).stdout).operations).toEqual([])
  await sandbox.ok('up', '-d', '--wait')
  expect((await ps()).map(row => row.ID)).toEqual(before.map(row => row.ID))
})

test('services, containers and aliases resolve over shared networks, and the outside does not reach a service', async () => {
  const lookup = async (name: string) =>
    (await sandbox.run('exec', '-T', 'web', 'nslookup', name, '127.0.0.11')).status
  expect(await lookup('store')).toBe(0)
  expect(await lookup('db')).toBe(0)
  expect(await lookup('life-store-1')).toBe(0)
  expect(await lookup('nobody-has-this-name')).not.toBe(0)
})

test('exec returns the status of its command and keeps the streams apart', async () => {
  const result = await sandbox.run('exec', '-T', 'store', 'sh', '-c', 'echo out; echo err >&2; exit 7')
  expect(result).toEqual({ status: 7, stdout: 'out\n', stderr: 'err\n' })
  expect((await sandbox.run('exec', '-T', 'store', 'no-such-program')).status).toBe(127)
})

test('logs show both streams behind the name', async () => {
  const { stdout } = await sandbox.ok('logs', 'store')
  expect(stdout.split('\n').sort()).toEqual(['', 'store-1  | started', 'store-1  | to-stderr'])
})

test('a changed variable recreates its service alone, and plan says which', async () => {
  const before = await ps()
  const file = readFileSync(join(sandbox.folder, 'compose.yaml'), 'utf8')
  sandbox.write('compose.yaml', file.replace('COLOR: red', 'COLOR: blue'))
  const { stdout } = await sandbox.ok('plan')
  expect(stdout).toMatch(/^~ container life-web-1 .*environment\.COLOR: "red" → "blue"/m)
  await sandbox.ok('up', '-d', '--wait')
  const after = await ps()
  const idOf = (rows: Row[], service: string) => rows.find(row => row.Service === service)?.ID
  expect(idOf(after, 'store')).toBe(idOf(before, 'store'))
  expect(idOf(after, 'web')).not.toBe(idOf(before, 'web'))
  expect((await sandbox.ok('exec', '-T', 'web', 'sh', '-c', 'echo $COLOR')).stdout).toBe('blue\n')
  expect(await page()).toBe('hello\n')
})

test('stop keeps the containers and start brings the same ones back', async () => {
  const before = await ps()
  await sandbox.ok('stop')
  expect(await ps()).toEqual([])
  expect((await ps('-a')).map(row => row.State)).toEqual(['exited', 'exited'])
  await sandbox.ok('start', '--wait')
  expect((await ps()).map(row => row.ID)).toEqual(before.map(row => row.ID))
  expect(await page()).toBe('hello\n')
})

test('pause freezes one service, which unpause lets go on', async () => {
  const states = async () => Object.fromEntries((await ps()).map(row => [row.Service, row.State]))
  await sandbox.ok('pause', 'store')
  expect(await states()).toEqual({ store: 'paused', web: 'running' })
  expect((await sandbox.run('pause', 'store')).stderr).toContain('NO_CONTAINER_IN_STATE')
  await sandbox.ok('unpause')
  expect(await states()).toEqual({ store: 'running', web: 'running' })
  expect((await sandbox.run('unpause')).status).toBe(1)
  expect((await sandbox.run('pause', 'nosuch')).stderr).toContain('SERVICE_NOT_FOUND')
})

test('a volume survives down and is gone after down -v', async () => {
  await sandbox.ok('exec', '-T', 'store', 'sh', '-c', 'echo kept > /data/file')
  await sandbox.ok('down')
  await sandbox.ok('up', '-d', '--wait')
  expect((await sandbox.ok('exec', '-T', 'store', 'cat', '/data/file')).stdout).toBe('kept\n')
  await sandbox.ok('down', '-v')
  await sandbox.ok('up', '-d', '--wait')
  expect((await sandbox.run('exec', '-T', 'store', 'cat', '/data/file')).status).not.toBe(0)
})

test('after down -v the machine is as before, and the engine ends by itself', async () => {
  await sandbox.ok('down', '-v')
  await eventually('the engine ends', () => sandbox.enginePid() === undefined)
  await untilNothingIsLeft(sandbox.env)
  const root = sandbox.env['TSCOMPOSE_ROOT'] ?? ''
  const left = ['containers', 'volumes', 'networks'].flatMap(name =>
    existsSync(join(root, name)) ? readdirSync(join(root, name)) : [],
  )
  expect(left).toEqual([])
})
