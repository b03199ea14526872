// Snapshots as they are typed: saved, listed, restored, put into another project, removed.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `name: shop
services:
  db:
    image: busybox
    network_mode: none
    stop_grace_period: 0s
    command: [sleep, '1000']
    volumes: [data:/data, kept:/kept]
volumes:
  data:
  kept: {external: true}
`,
  )
  await sandbox.hold()
})
afterAll(() => sandbox.close())

const write = (text: string, ...project: string[]): Promise<unknown> =>
  sandbox.ok(...project, 'exec', 'db', 'sh', '-c', `echo ${text} > /data/file`)
const read = async (...project: string[]): Promise<string> =>
  (await sandbox.ok(...project, 'exec', 'db', 'cat', '/data/file')).stdout.trim()
const names = async (...more: string[]): Promise<string[]> =>
  (await sandbox.ok('snapshot', 'ls', '-q', ...more)).stdout.split('\n').filter(name => name !== '')

test('a snapshot is saved, restored, put into another project, and removed', async () => {
  sandbox.write(
    'kept.yaml',
    'name: kept\nservices: {a: {image: busybox, network_mode: none, command: [echo], volumes: ["kept:/kept"]}}\nvolumes: {kept: {name: kept}}\n',
  )
  await sandbox.ok('-f', 'kept.yaml', 'up', '-d')
  await sandbox.ok('up', '-d')
  await write('one')
  const dry = await sandbox.ok('--dry-run', 'snapshot', 'save', 'first')
  expect([dry.stdout, await names()]).toEqual(['would save snapshot first\n', []])
  const saved = await sandbox.ok('snapshot', 'save', 'first')
  expect(saved.stderr).toContain('volume kept')
  expect((await sandbox.run('snapshot', 'save', 'first')).status).toBe(1)
  await write('two')
  await sandbox.ok('snapshot', 'restore', 'first')
  expect(await read()).toBe('one')
  await write('three')
  const other = ['-p', 'other'] as const
  await sandbox.ok(...other, 'up', '-d', '--from', 'shop/first')
  expect([await read(...other), await read()]).toEqual(['one', 'three'])
  // What is there already gets the data too.
  await write('four', ...other)
  await sandbox.ok(...other, 'up', '-d', '--from', 'shop/first')
  expect(await read(...other)).toBe('one')
  await sandbox.ok('down', '-v')
  expect(await names()).toEqual(['first'])
  await sandbox.ok('up', '-d', '--from', 'first')
  expect(await read()).toBe('one')
  expect(await names('--all')).toEqual(['shop/first'])
  await sandbox.ok('snapshot', 'rm', 'first')
  expect(await names()).toEqual([])
  const gone = await sandbox.run('snapshot', 'restore', 'first')
  expect([gone.status, gone.stderr]).toEqual([1, expect.stringContaining('SNAPSHOT_NOT_FOUND')])
  await sandbox.ok(...other, 'down', '-v')
  await sandbox.ok('down', '-v')
  await sandbox.ok('-f', 'kept.yaml', 'down', '-v')
})
