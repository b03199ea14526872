import { existsSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('compose.yaml', 'name: kept\nservices: {app: {build: app}}\n')
  sandbox.write('app/Dockerfile', 'FROM busybox\nCOPY . /c\nCMD cd /c && find . -type f | sort | xargs cat\n')
  sandbox.write('app/.dockerignore', 'Dockerfile\n.dockerignore\n')
})
afterAll(() => sandbox.close())

const path = (name: string): string => join(sandbox.folder, 'app', name)
const contexts = (): string => join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'images', 'contexts')

/** What the image has after a build. */
async function built(): Promise<string> {
  await sandbox.ok('up', '--build')
  const said = await outputOf('app')
  await sandbox.ok('down')
  return said
}

async function outputOf(service: string): Promise<string> {
  return (await sandbox.ok('logs', '--no-log-prefix', service)).stdout
}

/**
 * Files of the kept context, which is not busybox's, with inode and change time: what was sent again has others. The inode alone
 * may be that of the file before it, which was free again.
 */
function kept(): Record<string, string> {
  const folders = readdirSync(contexts()).map(key => join(contexts(), key, 'fs'))
  const files = folders.find(folder => existsSync(join(folder, 'a'))) ?? ''
  const identity = (name: string): string => {
    const { ino, ctimeNs } = statSync(join(files, name), { bigint: true })
    return `${ino} ${ctimeNs}`
  }
  return Object.fromEntries(readdirSync(files).map(name => [name, identity(name)]))
}

test('of a context only what has changed is sent again, and the image has what is there now', async () => {
  sandbox.write('app/a', 'one\n')
  sandbox.write('app/b', 'two\n')
  sandbox.write('app/c', 'three\n')
  expect(await built()).toBe('one\ntwo\nthree\n')
  // What was written a moment before it was looked at is sent once more.
  await built()
  const before = kept()
  const { atime, mtime } = statSync(path('b'))
  writeFileSync(path('b'), 'TWO\n')
  utimesSync(path('b'), atime, mtime)
  rmSync(path('c'))
  expect(await built()).toBe('one\nTWO\n')
  const after = kept()
  expect(after['a']).toBe(before['a'])
  expect(after['b']).not.toBe(before['b'])
  expect(Object.keys(after)).toEqual(['a', 'b'])
})

test('an engine that is killed while it takes a context leaves nothing that is wrong', async () => {
  writeFileSync(path('big'), '')
  truncateSync(path('big'), 400 * 1024 * 1024)
  writeFileSync(path('b'), 'new\n')
  const building = sandbox.run('build')
  await eventually('the context comes', () => existsSync(contexts()) && 'big' in kept())
  await sandbox.killEngine()
  // A command that the engine ran is begun anew; one of its own has failed.
  await building
  rmSync(path('big'))
  expect(await built()).toBe('one\nnew\n')
  expect(Object.keys(kept())).toEqual(['a', 'b'])
})

test('services that share a folder build at once, each by its own rules', async () => {
  const names = ['w', 'x', 'y', 'z']
  for (const name of names) {
    sandbox.write(`app/${name}.Dockerfile`, `FROM busybox\nCOPY . /c\nCMD ls /c && echo ${name}\n`)
    sandbox.write(`app/${name}.Dockerfile.dockerignore`, name === 'z' ? '*\n!b\n' : '*ocker*\n')
  }
  const services = names.map(name => `  ${name}: {build: {context: app, dockerfile: ${name}.Dockerfile}}\n`)
  sandbox.write('compose.yaml', `name: kept\nservices:\n${services.join('')}`)
  await sandbox.ok('up', '--build')
  for (const name of names) {
    expect(await outputOf(name)).toBe(name === 'z' ? 'b\nz\n' : `a\nb\n${name}\n`)
  }
  await sandbox.ok('down')
})
