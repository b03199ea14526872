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
  const pid = sandbox.enginePid()
  if (pid === undefined) throw new Error('no engine')
  process.kill(pid, 'SIGKILL')
  const record = join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'volumes', 'told_data', 'record.json')
  writeFileSync(record, readFileSync(record).subarray(0, 20))
  const first = await sandbox.ok('ps')
  expect(first.stderr).toMatch(/warning RECORD_BROKEN .*told_data/)
  expect(first.stdout).toContain('told-web-1')
  expect((await sandbox.ok('ps')).stderr).toBe('')
  await sandbox.ok('down', '-v')
})
