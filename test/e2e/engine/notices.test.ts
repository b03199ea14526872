import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// What an engine found amiss is told to whoever types the next command, once, and not to its log alone.
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
})
afterAll(() => sandbox.close())

test('a record that was set aside is told once, by the next command that a person typed', async () => {
  sandbox.write(
    'compose.yaml',
    'name: told\nservices: {web: {image: busybox, command: sleep 600, volumes: ["data:/d"]}}\nvolumes: {data: {}}\n',
  )
  await sandbox.ok('up', '-d')
  await sandbox.killEngine()
  const record = join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'volumes', 'told_data', 'record.json')
  writeFileSync(record, readFileSync(record).subarray(0, 20))
  const first = await sandbox.ok('ps')
  expect(first.stderr).toMatch(/warning RECORD_BROKEN .*told_data/)
  expect(first.stdout).toContain('told-web-1')
  expect((await sandbox.ok('ps')).stderr).toBe('')
  await sandbox.ok('down', '-v')
})

test('an engine of another build is told of once, and not of the one that replaces it', async () => {
  sandbox.write('compose.yaml', 'name: told\nservices: {web: {image: busybox, command: sleep 600}}\n')
  await sandbox.ok('up', '-d')
  expect((await sandbox.ok('ps')).stderr).toBe('')
  const file = join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'engine.build')
  const own = readFileSync(file, 'utf8')
  expect(own).toMatch(/^[0-9a-f]{16}$/)
  writeFileSync(file, 'of an earlier one')
  const told = await Promise.all(Array.from({ length: 5 }, () => sandbox.ok('ps')))
  expect(told.map(({ stderr }) => stderr).join('')).toMatch(/ENGINE_OTHER_BUILD/)
  expect((await sandbox.ok('ps')).stderr).toBe('')
  expect((await sandbox.ok('up', '-d')).stderr).not.toContain('ENGINE_OTHER_BUILD')
  await sandbox.killEngine()
  const after = await sandbox.ok('ps')
  expect([after.stderr, after.stdout]).toEqual(['', expect.stringContaining('told-web-1')])
  expect(readFileSync(file, 'utf8')).toBe(own)
  await sandbox.ok('down')
})
