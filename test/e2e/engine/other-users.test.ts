import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, type Stats, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// What other users of the machine can do with what an engine keeps.
const NOBODY = { uid: 65534, gid: 65534 }
let sandbox: Sandbox
let root: string
let run: string

beforeAll(async () => {
  sandbox = makeSandbox()
  root = sandbox.env['TSCOMPOSE_ROOT'] ?? ''
  run = sandbox.env['TSCOMPOSE_RUN'] ?? ''
  // The temporary folder around them must not be what keeps others out.
  chmodSync(dirname(root), 0o755)
  await sandbox.busybox()
  sandbox.write('Dockerfile', 'FROM busybox\nRUN --mount=type=cache,target=/cache echo 1 > /cache/x\n')
  sandbox.write('key', 'a secret\n')
  sandbox.write(
    'compose.yaml',
    `
name: modes
services:
  app:
    build: .
    image: modes-app
    command: sh -c 'echo started; cp /bin/busybox /data/tool; chmod 4755 /data/tool; echo open > /data/plain; exec sleep 1000'
    volumes: ["data:/data", "/anonymous"]
    ports: ["127.0.0.1::80"]
    configs: [settings]
    secrets: [key]
    healthcheck: {test: test -u /data/tool, interval: 1s, start_interval: 100ms, start_period: 1m}
configs: {settings: {content: "a: 1"}}
secrets: {key: {file: key}}
volumes: {data: {}}
`,
  )
  await sandbox.ok('up', '-d', '--build', '--wait')
})
afterAll(() => sandbox.close())

interface Entry {
  readonly path: string
  readonly stats: Stats
}

/** Everything below a folder, which is not listed itself. */
function entriesOf(folder: string): Entry[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name)
    const stats = lstatSync(path)
    return [{ path, stats }, ...(stats.isDirectory() ? entriesOf(path) : [])]
  })
}

/** What of a folder's own entries gives a right to group or others. */
function openTo(folder: string): string[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name)
    const { mode } = lstatSync(path)
    return (mode & 0o077) === 0 ? [] : [`${(mode & 0o7777).toString(8)} ${path}`]
  })
}

test('nothing of ROOT and RUN has a right for group or others at its top, and every socket is 0600', () => {
  expect(lstatSync(root).mode & 0o777).toBe(0o700)
  expect(lstatSync(run).mode & 0o777).toBe(0o700)
  // The lowest layer holds empty mount points alone, the same on every machine.
  expect(openTo(root)).toEqual([`755 ${join(root, 'init-layer')}`])
  expect(openTo(run)).toEqual([])
  for (const folder of ['containers', 'volumes', 'images/layers']) {
    expect(readdirSync(join(root, folder))).not.toEqual([])
    expect(openTo(join(root, folder))).toEqual([])
  }
  const sockets = entriesOf(run).filter(({ stats }) => stats.isSocket())
  expect(sockets.length).toBeGreaterThanOrEqual(2)
  for (const { path, stats } of sockets) expect([path, stats.mode & 0o777]).toEqual([path, 0o600])
})

test('a user without rights reaches neither a setuid program nor a file of a volume, nor a socket', () => {
  const data = join(root, 'volumes/modes_data/_data')
  expect(existsSync(join(data, 'tool'))).toBe(true)
  const started = spawnSync(join(data, 'tool'), ['true'], NOBODY)
  expect(started.error).toMatchObject({ code: 'EACCES' })
  for (const path of [join(data, 'plain'), sandbox.socket, join(root, 'init-layer/etc/hosts')])
    expect([path, spawnSync('test', ['-e', path], NOBODY).status]).toEqual([path, 1])
  // Where ROOT is a folder that an administrator has opened, what is in it stays closed.
  chmodSync(root, 0o755)
  try {
    expect(spawnSync(join(data, 'tool'), ['true'], NOBODY).error).toMatchObject({ code: 'EACCES' })
  } finally {
    chmodSync(root, 0o700)
  }
})

test('a command of a user without rights is told that it needs root', () => {
  const result = spawnSync(process.execPath, [resolve('bin/tscompose'), '-p', 'modes', 'ps'], {
    ...NOBODY,
    env: sandbox.env,
    cwd: '/',
    encoding: 'utf8',
  })
  expect(result.status).not.toBe(0)
  expect(result.stderr).toContain('NOT_ROOT')
})

test('a relay without rights still answers names, and a user of the container still has its volume', async () => {
  const inside = await sandbox.ok(
    ...['exec', '-T', '-u', '1000:1000', 'app', 'sh', '-c'],
    'nslookup app 127.0.0.11 >/dev/null && cat /data/plain && id -u',
  )
  expect(inside.stdout).toBe('open\n1000\n')
})

test('a link in the place of the log leads no engine to another file, however it is begun', async () => {
  const other = makeSandbox()
  const folder = other.env['TSCOMPOSE_RUN'] ?? ''
  const victim = join(other.folder, 'victim')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  symlinkSync(victim, join(folder, 'engine.log'))
  try {
    other.write('compose.yaml', 'name: linked\nservices: {a: {image: none}}\n')
    expect(await other.run('up', '-d')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ENGINE_START'),
    })
    expect(existsSync(victim)).toBe(false)
  } finally {
    await other.close()
  }
})
