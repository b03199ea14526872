import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { takeInventory, untilNothingIsLeft } from '../harness/inventory.ts'
import { killContainer } from '../harness/kill-container.ts'
import { freePort, makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// The example as users get it: real Debian, Apache, PHP and MariaDB. The tests build on each other, in order.
let sandbox: Sandbox
let port: number

beforeAll(async () => {
  sandbox = makeSandbox()
  port = await freePort()
  cpSync('examples/lamp', sandbox.folder, { recursive: true })
  sandbox.write('.env', `LAMP_PORT=${port}\n`)
  // Bootstraps Debian from its archive and installs the packages: minutes.
  await sandbox.ok('build')
}, 900_000)
afterAll(() => sandbox.close())

async function visits(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/`)
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return Number(/Visits: (\d+)/.exec(text)?.[1])
}
const idOf = async (service: string): Promise<string> => (await sandbox.ok('ps', '-q', service)).stdout.trim()

test('a second build takes every step from the cache', async () => {
  const { stderr, stdout } = await sandbox.ok('--progress', 'plain', 'build')
  const output = `${stdout}${stderr}`
  const steps = output.match(/\[\d+\/\d+\] (RUN|COPY)/g) ?? []
  expect(steps.length).toBeGreaterThan(0)
  expect(output.match(/CACHED|Using cache/g)).toHaveLength(steps.length)
})

test('the page counts its visits in MariaDB, on localhost, [::1] and from another container', async () => {
  await sandbox.ok('up', '-d', '--wait')
  expect(takeInventory(sandbox.env).links).not.toEqual([])
  expect(await visits()).toBe(1)
  expect(await visits()).toBe(2)
  expect((await fetch(`http://[::1]:${port}/health.php`)).status).toBe(200)
})

test('the count survives down and up', async () => {
  await sandbox.ok('down')
  await sandbox.ok('up', '-d', '--wait')
  expect(await visits()).toBe(3)
})

test('a second up has an empty plan', async () => {
  expect(JSON.parse((await sandbox.ok('plan', '--json')).stdout).operations).toEqual([])
})

test('the limits of the file are those of the kernel', async () => {
  const { stdout } = await sandbox.ok(
    'exec',
    '-T',
    'web',
    'sh',
    '-c',
    'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null || true',
  )
  expect(stdout.trim()).toBe(String(256 * 1024 * 1024))
})

test('the secret is a file, and in no environment', async () => {
  expect((await sandbox.ok('exec', '-T', 'web', 'cat', '/run/secrets/db_password')).stdout).toContain(
    'change-me',
  )
  expect((await sandbox.ok('exec', '-T', 'web', 'sh', '-c', 'cat /proc/1/environ')).stdout).not.toContain(
    'change-me',
  )
})

test('the page answers with the engine killed, and a killed database comes back', async () => {
  const database = await idOf('db')
  await sandbox.killEngine()
  expect(await visits()).toBe(4)
  killContainer(sandbox.env, database)
  await eventually('the page counts again', async () => (await visits()) > 4)
  expect(await idOf('db')).toBe(database)
})

test('a script brings another LAMP up and down by the library', async () => {
  await sandbox.ok('down', '-v')
  const example = /```ts\n([\s\S]*?)```/.exec(readFileSync('docs/library.md', 'utf8'))?.[1] ?? ''
  // Inside of the package, where its own name leads to it.
  const folder = mkdtempSync('dist/library-')
  try {
    const script = join(folder, 'lamp.mjs')
    writeFileSync(script, example.replace("'examples/lamp'", `'${basename(sandbox.folder)}'`))
    const cwd = dirname(sandbox.folder)
    const { stdout } = await promisify(execFile)(process.execPath, [resolve(script)], {
      cwd,
      env: sandbox.env,
    })
    expect(stdout).toMatch(/^Container lamp-test-web-1 Started$/m)
    expect(stdout.trim().split('\n').at(-1)).toBe('200 Linux')
    expect((await sandbox.ok('-p', 'lamp-test', 'ps', '-aq')).stdout).toBe('')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('down -v forgets the count and leaves nothing on the machine', async () => {
  await sandbox.ok('down', '-v')
  await sandbox.ok('up', '-d', '--wait')
  expect(await visits()).toBe(1)
  await sandbox.ok('down', '-v')
  await eventually('the engine ends', () => sandbox.enginePid() === undefined)
  await untilNothingIsLeft(sandbox.env)
})
