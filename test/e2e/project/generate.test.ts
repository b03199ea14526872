import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// A file that is made of containers makes such containers again.
let sandbox: Sandbox
beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `
name: old
services:
  web:
    image: busybox
    command: [sh, -c, 'echo "$$HOME" > /data/home; exec sleep 600']
    environment: {COLOR: blue, PRICE: 5$$, EMPTY: ""}
    labels: {my.label: mine}
    working_dir: /tmp
    user: "0:0"
    hostname: host
    stop_signal: KILL
    restart: on-failure:3
    ports: ["127.0.0.1::80/udp"]
    volumes: ["./bound:/bound:ro", "data:/data", "/anonymous"]
    networks: {front: {aliases: [www]}}
    cap_add: [NET_ADMIN]
    mem_limit: 50m
    healthcheck: {test: [CMD, "true"], interval: 90s}
  pair: {image: busybox, command: sleep 600, scale: 2, stop_signal: KILL, network_mode: none}
networks: {front: {}}
volumes: {data: {}}
`,
  )
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

const model = async (...files: string[]): Promise<Record<string, Record<string, unknown>>> =>
  JSON.parse((await sandbox.ok(...files, 'config', '--format', 'json')).stdout).services

test('what it says of a service is what the service said', async () => {
  const { stdout } = await sandbox.ok(
    ...['alpha', 'generate', 'old-web-1', 'old-pair-1', 'old-pair-2'],
    ...['--name', 'again', '--project-dir', '.'],
  )
  expect(stdout).toContain('source: ./bound\n')
  sandbox.write('again.yaml', stdout)
  const { web, pair } = await model('-f', 'again.yaml')
  const before = (await model())['web'] ?? {}
  for (const key of Object.keys(before).filter(each => !['networks', 'volumes', 'ports'].includes(each)))
    expect({ key, value: web?.[key] }).toEqual({ key, value: before[key] })
  expect(pair).toMatchObject({ network_mode: 'none', scale: 2, command: ['sleep', '600'] })
  expect(web?.['networks']).toEqual({ old_front: { aliases: ['www'] } })
  expect(web?.['volumes']).toMatchObject([
    { type: 'volume', target: '/anonymous' },
    { type: 'bind', target: '/bound', read_only: true },
    { type: 'volume', source: 'old_data', target: '/data' },
  ])
})

test('the file makes containers that generate the same file', async () => {
  const again = ['-p', 'again', '-f', 'again.yaml']
  await sandbox.ok(...again, 'up', '-d')
  const { stdout } = await sandbox.ok('alpha', 'generate', '--format=json', 'again-web-1')
  const { command, environment, restart } = JSON.parse(stdout).services.web
  expect({ command, environment, restart }).toEqual({
    command: ['sh', '-c', 'echo "$$HOME" > /data/home; exec sleep 600'],
    environment: { COLOR: 'blue', PRICE: '5$$', EMPTY: '' },
    restart: 'on-failure:3',
  })
  await sandbox.ok(...again, 'down', '-v')
})

test('containers that are not there are told, all of them', async () => {
  const { status, stderr } = await sandbox.run('alpha', 'generate', 'old-web-1', 'none', 'neither')
  expect(status).toBe(1)
  expect(stderr).toMatch(/NO_CONTAINER .*none, neither/)
})
