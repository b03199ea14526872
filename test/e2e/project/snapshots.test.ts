// Snapshots as they are typed: saved, listed, restored, put into another project, removed.
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
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
  expect((await sandbox.ok('system', 'df')).stdout).toMatch(/^Snapshots +1 /m)
  await sandbox.ok('down', '-v')
  expect(await names()).toEqual(['first'])
  // Another folder of the same name has no say in it, though no container is there any more.
  const elsewhere = join(sandbox.folder, 'elsewhere')
  mkdirSync(elsewhere)
  copyFileSync(join(sandbox.folder, 'compose.yaml'), join(elsewhere, 'compose.yaml'))
  for (const words of [['restore'], ['rm']]) {
    const held = await sandbox.run('-f', join(elsewhere, 'compose.yaml'), 'snapshot', ...words, 'first')
    expect([held.status, held.stderr]).toEqual([1, expect.stringContaining('PROJECT_OF_OTHER_FOLDER')])
  }
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

test('nothing is made for a snapshot that is not there, and no preview tells of it', async () => {
  sandbox.write(
    'none.yaml',
    'name: none\nservices: {db: {image: busybox, command: [sleep, "1000"], volumes: ["data:/data"]}}\nvolumes: {data: {}}\n',
  )
  const none = ['-f', 'none.yaml'] as const
  for (const words of [
    ['up', '-d', '--from', 'typo'],
    ['--dry-run', 'up', '--from', 'none/typo'],
    ['--dry-run', 'snapshot', 'restore', 'typo'],
    ['--dry-run', 'snapshot', 'rm', 'typo'],
  ]) {
    const { status, stdout, stderr } = await sandbox.run(...none, ...words)
    expect([status, stdout, stderr]).toEqual([1, '', expect.stringContaining('SNAPSHOT_NOT_FOUND')])
  }
  expect((await sandbox.ok('ls', '-aq')).stdout).not.toMatch(/^none$/m)
  expect((await sandbox.ok(...none, 'volumes', '-q')).stdout).toBe('')
})

test('an up from a snapshot that was cut off before the data was there is ended by the next', async () => {
  sandbox.write(
    'one.yaml',
    'name: one\nservices: {db: {image: busybox, network_mode: none, init: true, command: [sleep, "1000"], volumes: ["data:/data"]}}\nvolumes: {data: {}}\n',
  )
  const one = ['-f', 'one.yaml'] as const
  await sandbox.ok(...one, 'up', '-d')
  await write('one', ...one)
  await sandbox.ok(...one, 'snapshot', 'save', 'first')
  const other = ['-f', 'one.yaml', '-p', 'two'] as const
  const cut = sandbox.start(...other, 'up', '-d', '--from', 'one/first')
  await eventually('the volume', async () =>
    (await sandbox.ok(...other, 'volumes', '-q')).stdout.includes('two_data'),
  )
  cut.child.kill('SIGKILL')
  await cut.ended
  await sandbox.ok(...other, 'up', '-d')
  expect(await read(...other)).toBe('one')
  await sandbox.ok(...other, 'down', '-v')
  await sandbox.ok(...one, 'down', '-v')
  await sandbox.ok(...one, 'snapshot', 'rm', 'first')
})
