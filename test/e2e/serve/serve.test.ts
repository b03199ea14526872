// `tscompose serve`: an engine that stays, for others, and what becomes of all when one of them ends.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { ContainerInspect } from '../../../src/api/types/index.ts'
import { Docker } from '../../../src/client/index.ts'
import { program, requires } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { runProgram } from '../harness/run-program.ts'
import { makeSandbox, type Running, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

const BIN = resolve('bin/tscompose')
let sandbox: Sandbox
const serving: Running[] = []

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    'name: shop\nservices: {web: {image: busybox, command: sleep 1000, init: true, environment: {PASSWORD: secret}}}\n',
  )
})
afterEach(async () => {
  for (const each of serving.splice(0)) {
    each.child.kill('SIGTERM')
    await each.ended
  }
})
afterAll(() => sandbox.close())

const at = (name: string): string => join(sandbox.folder, name)

/** Serves until the test ends, and is there when this resolves. */
async function serve(...args: readonly string[]): Promise<Running> {
  const running = sandbox.start('serve', ...args)
  serving.push(running)
  await eventually('it listens', () => /Listens|Keeps/.test(running.output.stderr))
  return running
}

const clientAt = (path: string): Docker => new Docker({ socketPath: path })

test('the engine stays while it is served, and ends with it', async () => {
  showLogOnFailure(sandbox)
  const running = await serve(
    '-H',
    `unix://${at('a.sock')}`,
    '-H',
    `unix://${at('b.sock')}`,
    '--group',
    '54321',
  )
  expect([lstatSync(at('a.sock')).mode & 0o777, lstatSync(at('b.sock')).gid]).toEqual([0o660, 54321])
  const pid = sandbox.enginePid()
  const { BuildTime = '' } = await clientAt(at('a.sock')).version()
  expect(BuildTime).toBe(readFileSync('dist/programs/built', 'utf8'))
  // Longer than an engine that nobody needs lives.
  const other = makeSandbox()
  await other.ok('-p', 'none', 'ps', '-a')
  await eventually('an engine of nobody ends', () => other.enginePid() === undefined)
  await other.close()
  expect([sandbox.enginePid(), String(await clientAt(at('b.sock')).ping())]).toEqual([pid, 'OK'])
  running.child.kill('SIGTERM')
  expect(await running.ended).toMatchObject({ status: 0 })
  expect([existsSync(at('a.sock')), existsSync(at('b.sock'))]).toEqual([false, false])
  await eventually('the engine ends', () => sandbox.enginePid() === undefined)
  expect(existsSync(join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'serve.lock'))).toBe(false)
})

const USER = { uid: 1000, gid: 54321 }
/** Runs a program as a user of the group, with nothing of ours around it. */
async function asUser(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { ...USER, env: { PATH: process.env['PATH'], HOME: '/' }, cwd: '/' })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => void said.push(chunk))
  await once(child, 'close')
  return Buffer.concat(said).toString()
}

requires(
  program('docker'),
  program('unshare'),
).test('binds belong to the user who came to a socket, whatever client he has', {}, async () => {
  const folder = mkdtempSync('/var/tmp/tsc-serve-')
  onTestFinished(() => rmSync(folder, { recursive: true }))
  chmodSync(folder, 0o755)
  const source = join(folder, 'src')
  mkdirSync(source)
  chownSync(source, USER.uid, USER.gid)
  mkdirSync(join(folder, 'roots'))
  await serve('-H', `unix://${join(folder, 'x.sock')}`, '--group', String(USER.gid))
  const client = ['docker', '-H', `unix://${join(folder, 'x.sock')}`, 'run', '--rm']
  const run = ['busybox', 'sh', '-c', 'touch /b/made; stat -c %u:%g /b']
  const docker = (bind: string, ...around: readonly string[]): Promise<string> =>
    asUser('env', [...around, ...client, '-v', `${bind}:/b`, ...run])
  const ownerOf = (...names: readonly string[]): string => {
    const { uid, gid } = lstatSync(join(folder, ...names))
    return `${uid}:${gid}`
  }
  expect([await docker(source), ownerOf('src', 'made')]).toEqual(['0:0\n', '1000:54321'])
  // What is not his stays as it is; what is missing is made as his.
  expect([await docker(join(folder, 'roots')), ownerOf('roots', 'made')]).toEqual(['0:0\n', '0:0'])
  expect([await docker(join(folder, 'new')), ownerOf('new')]).toEqual(['0:0\n', '1000:54321'])
  // Of another user namespace, as in a container that has the socket: no user of this machine.
  expect([await docker(join(folder, 'theirs'), 'unshare', '-r'), ownerOf('theirs')]).toEqual(['0:0\n', '0:0'])
  client.push('--annotation', 'com.tscompose.bind_owner=container')
  rmSync(join(source, 'made'))
  expect([await docker(source), ownerOf('src', 'made')]).toEqual(['1000:54321\n', '0:0'])
})

test('a second one on the same root names the first', async () => {
  const first = await serve()
  const second = await sandbox.run('serve', '-H', `unix://${at('second.sock')}`)
  expect(second).toMatchObject({ status: 1 })
  expect(second.stderr).toContain('SERVE_RUNNING')
  expect(second.stderr).toContain(`process ${first.child.pid}`)
  expect(existsSync(at('second.sock'))).toBe(false)
  // One that was killed is succeeded.
  first.child.kill('SIGKILL')
  await first.ended
  await serve()
})

test('containers go on when it ends, and an engine that is killed is started again', async () => {
  showLogOnFailure(sandbox)
  const running = await serve('-H', `unix://${at('c.sock')}`)
  await sandbox.ok('up', '-d')
  const inspect = async (): Promise<{ Id: string; pid: number }> => {
    const { Id, State } = await clientAt(at('c.sock')).getContainer('shop-web-1').inspect()
    return { Id, pid: State.Pid }
  }
  const before = await inspect()
  const pid = sandbox.enginePid()
  await sandbox.killEngine()
  // Whoever comes now waits for the next engine.
  await eventually(
    'another engine answers',
    async () => (await inspect().catch(() => undefined))?.pid === before.pid,
  )
  expect(sandbox.enginePid()).not.toBe(pid)
  // Faster than one may end by itself and be known as one that stays.
  for (let kills = 0; kills < 4; kills++) {
    await sandbox.killEngine()
    await eventually('the next one is there', async () => {
      const answer = await inspect().catch(() => undefined)
      return answer?.pid === before.pid && sandbox.enginePid() !== undefined
    })
  }
  running.child.kill('SIGTERM')
  expect(await running.ended).toMatchObject({ status: 0 })
  await serve('-H', `unix://${at('c.sock')}`)
  expect(await inspect()).toEqual(before)
  await sandbox.ok('down', '-t', '0')
})

test('what our engine was asked for as a Docker Engine is not taken for what is ours alone', async () => {
  showLogOnFailure(sandbox)
  await serve('-H', `unix://${at('d.sock')}`)
  const file = 'ours.yaml'
  sandbox.write(
    file,
    `
name: ours
services:
  held: {image: busybox, init: true, command: sleep 1000, x-tscompose: {egress: ["127.0.0.0/8"]}}
  beside: {image: busybox, init: true, command: sleep 1000, network_mode: "service:held"}
  may: {image: busybox, init: true, command: sleep 1000, networks: [inner], x-tscompose: {host_access: true}}
networks: {inner: {internal: true}}
`,
  )
  const command = ['-f', file, 'up', '-d', '-t', '0']
  const env = { ...sandbox.env, DOCKER_HOST: `unix://${at('d.sock')}` }
  const asDocker = await runProgram(BIN, command, { cwd: sandbox.folder, env })
  expect(asDocker.stderr).toMatch(/ATTRIBUTE_NOT_APPLIED.*services\.held\.x-tscompose\.egress/)
  expect(asDocker.stderr).toMatch(/ATTRIBUTE_NOT_APPLIED.*services\.may\.x-tscompose\.host_access/)
  const inspects = (): Promise<readonly ContainerInspect[]> =>
    Promise.all(
      ['held', 'beside', 'may'].map(name =>
        clientAt(sandbox.socket).getContainer(`ours-${name}-1`).inspect(),
      ),
    )
  const ids = async (): Promise<readonly string[]> => (await inspects()).map(({ Id }) => Id)
  const before = await ids()
  await runProgram(BIN, command, { cwd: sandbox.folder, env })
  expect(await ids()).toEqual(before)
  await sandbox.ok(...command)
  const [held, beside, may] = await inspects()
  expect(held?.HostConfig.TscomposeEgress).toEqual(['127.0.0.0/8'])
  expect(beside?.HostConfig.CapDrop).toEqual(['NET_RAW'])
  expect(may?.HostConfig.TscomposeHostAccess).toBe(true)
  const after = await ids()
  await sandbox.ok(...command)
  expect(await ids()).toEqual(after)
  await sandbox.ok('-f', file, 'down', '-t', '0')
})

test('a socket with a scope gives a project’s containers and no more', async () => {
  await serve('--socket', at('shop.sock'), '--project', 'shop', '--read-only')
  await sandbox.ok('up', '-d')
  const other = clientAt(sandbox.socket)
  const stranger = await other.createContainer({ name: 'stranger', Image: 'busybox', Cmd: ['true'] })
  const scoped = clientAt(at('shop.sock'))
  expect((await scoped.listContainers({ all: true })).map(({ Names }) => Names)).toEqual([['/shop-web-1']])
  const { Config } = await scoped.getContainer('shop-web-1').inspect()
  expect(Config.Env).toContain('PASSWORD=[redacted]')
  for (const reference of ['stranger', stranger.id])
    await expect(scoped.getContainer(reference).inspect()).rejects.toMatchObject({ statusCode: 404 })
  for (const refused of [
    () => scoped.createContainer({ Image: 'busybox', HostConfig: { Binds: ['/:/host'] } }),
    () => scoped.getContainer('shop-web-1').exec({ Cmd: ['sh'] }),
    () => scoped.getContainer('shop-web-1').getArchive({ path: '/etc' }),
    () => scoped.getContainer('shop-web-1').stop(),
  ])
    await expect(refused()).rejects.toMatchObject({ statusCode: 403 })
  await stranger.remove()
  await sandbox.ok('down', '-t', '0')
})

test('sockets that the service manager passes are taken, and it hears when everybody is served', async () => {
  const told = at('told')
  writeFileSync(at('systemd-notify'), `#!/bin/sh\necho "$@" >> ${told}\n`)
  chmodSync(at('systemd-notify'), 0o755)
  const listener = createServer()
  listener.listen(at('passed.sock'))
  await once(listener, 'listening')
  const { fd } = Reflect.get(listener, '_handle') as { fd: number }
  const command = 'LISTEN_PID=$$ exec "$0" serve'
  const child = spawn('sh', ['-c', command, resolve('bin/tscompose')], {
    cwd: sandbox.folder,
    env: {
      ...sandbox.env,
      PATH: `${sandbox.folder}:${sandbox.env['PATH']}`,
      LISTEN_FDS: '1',
      LISTEN_FDNAMES: 'api',
      NOTIFY_SOCKET: '/run/none',
    },
    stdio: ['ignore', 'ignore', 'inherit', fd],
  })
  const heard = (): string => (existsSync(told) ? readFileSync(told, 'utf8') : '')
  try {
    await eventually('it is ready', () => heard().includes('READY=1'))
    // Nobody but the process that it was passed to can answer now; Node removes the name that it knows.
    renameSync(at('passed.sock'), at('kept.sock'))
    listener.close()
    expect(String(await clientAt(at('kept.sock')).ping())).toBe('OK')
    // The engine, which was started by that process, has neither the socket nor its variables.
    const engine = sandbox.enginePid() ?? 0
    expect(readFileSync(`/proc/${engine}/environ`, 'utf8')).not.toMatch(/LISTEN_|NOTIFY_/)
    expect(socketsOf(engine)).not.toContain(socketsOf(child.pid ?? 0, 3)[0])
  } finally {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  await eventually('its end is told', () => heard().includes('STOPPING=1'))
})

/** `socket:[inode]` of the sockets that a process has, or of one descriptor. */
function socketsOf(pid: number, fd?: number): readonly string[] {
  const folder = `/proc/${pid}/fd`
  const names = fd === undefined ? readdirSync(folder) : [String(fd)]
  return names.map(name => readlinkSync(join(folder, name))).filter(target => target.startsWith('socket:'))
}

test.each([
  [['-H', 'tcp://0.0.0.0:0'], 'TLS_WANTED'],
  [['-H', 'tcp://127.0.0.1:0'], 'TLS_WANTED'],
  [['-H', 'tcp://0.0.0.0:0', '--tlsverify', '--tlscacert', '/nowhere'], 'TLS_FILES'],
  [['-H', 'tcp://0.0.0.0:0', '--tlscert', '/nowhere'], 'FLAG_CONFLICT'],
  [['-H', 'npipe://x'], 'HOST_INVALID'],
  [['-H', 'fd://'], 'SOCKETS_INVALID'],
  [['-H', 'unix:///nowhere/x.sock'], 'SOCKET_FOLDER'],
  [['-H', 'unix:///run/tscompose-test.sock', '--group', 'nosuch'], 'SOCKET_GROUP'],
  [['--read-only'], 'FLAG_CONFLICT'],
  [['--socket', '/run/tscompose-test.sock'], 'FLAG_VALUE'],
  [['--socket', '/run/tscompose-test.sock,projet=x'], 'FLAG_VALUE'],
])('serve %j is refused with %s', async (args, code) => {
  const { status, stderr } = await sandbox.run('serve', ...args)
  expect([status, stderr.includes(code) ? code : stderr]).toEqual([1, code])
})
