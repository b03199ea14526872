import { execFileSync } from 'node:child_process'
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

test('why a container has no user namespace is told to who works on its project, and to nobody else', async () => {
  const file = (name: string): string =>
    `name: ${name}\nservices: {web: {image: busybox, command: sleep 600, init: true, privileged: true}}\n`
  sandbox.write('compose.yaml', file('told'))
  sandbox.write('other.yaml', file('other').replace(', privileged: true', ''))
  const up = await sandbox.ok('up', '-d')
  expect(up.stderr).toMatch(/USERNS_HOST .*told-web-1/)
  // What an engine of the API's other clients starts.
  const curl = (path: string, body = ''): string =>
    String(
      execFileSync('curl', [
        ...['-s', '--unix-socket', sandbox.socket, '-X', 'POST', '-H', 'Content-Type: application/json'],
        ...['-d', body, `http://engine${path}`],
      ]),
    )
  const create = (name: string, Labels: Record<string, string>): void => {
    const body = { Image: 'busybox', Cmd: ['sleep', '600'], Labels, HostConfig: { Privileged: true } }
    curl(`/containers/create?name=${name}`, JSON.stringify(body))
    curl(`/containers/${name}/start`)
  }
  create('plain', {})
  create('labelled', { 'com.docker.compose.project': 'told', 'com.docker.compose.service': 'web' })
  expect((await sandbox.ok('-f', 'other.yaml', 'up', '-d')).stderr).not.toContain('USERNS_HOST')
  expect((await sandbox.ok('ps')).stderr).toBe('')
  const down = await sandbox.ok('down', '-t', '0')
  expect(down.stderr).toMatch(/USERNS_HOST .*labelled/)
  expect(down.stderr).not.toContain('plain')
  await sandbox.ok('-f', 'other.yaml', 'down', '-t', '0')
  curl('/containers/plain/kill')
})
