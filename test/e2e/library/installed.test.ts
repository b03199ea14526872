import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// The package as npm would install it: from its tarball, into an empty folder, with no compiler and nothing of this checkout.
let sandbox: Sandbox
let folder: string
let tarball: string

const LIMIT = 600_000

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    'name: packed\nservices: {web: {image: busybox, command: sleep 1000, init: true}}\n',
  )
  folder = mkdtempSync(join(tmpdir(), 'tscompose-installed-'))
  // The scripts would build once more.
  npm(resolve('.'), 'pack', '--ignore-scripts', '--pack-destination', folder)
  tarball = join(folder, readdirSync(folder).find(name => name.endsWith('.tgz')) ?? '')
}, LIMIT)
afterAll(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', [...args, '--silent', '--no-audit', '--no-fund', '--prefer-offline'], { cwd })
}

const brought = (command: string, ...args: string[]): string => {
  const run = (...words: string[]): string =>
    execFileSync(command, [...args, ...words], {
      cwd: sandbox.folder,
      env: sandbox.env,
      encoding: 'utf8',
      stdio: 'pipe',
    })
  run('up', '-d', '--wait')
  const seen = run('exec', '-T', 'web', 'hostname') && run('ps', '--services')
  run('down', '-t', '0')
  return seen
}

test('npm install in a folder: its command brings a project up and down', { timeout: LIMIT }, () => {
  npm(folder, 'install', '--prefix', folder, tarball)
  expect(brought(join(folder, 'node_modules/.bin/tscompose'))).toBe('web\n')
  expect(brought('npx', '--prefix', folder, '--no-install', 'tscompose')).toBe('web\n')
})

test('npm install -g: so does what stands in the path', { timeout: LIMIT }, () => {
  const prefix = join(folder, 'global')
  npm(folder, 'install', '-g', '--prefix', prefix, tarball)
  expect(brought(join(prefix, 'bin/tscompose'))).toBe('web\n')
})
