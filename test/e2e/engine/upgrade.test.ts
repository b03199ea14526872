import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { present, requires, root } from '../../requires.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox
beforeEach(() => {
  sandbox = makeSandbox()
})
afterEach(() => sandbox.close())

async function connected(path: string): Promise<Socket> {
  const socket = connect(path)
  await once(socket, 'connect')
  return socket
}

/** Starts an engine from a copy of this version, kept alive by a connection; the copy is then removed, as an upgrade does. */
async function engineWhoseFilesAreGone(): Promise<Socket> {
  const copy = join(sandbox.folder, '..', 'installed')
  for (const part of ['bin', 'dist', 'package.json']) cpSync(part, join(copy, part), { recursive: true })
  spawn(process.execPath, [join(copy, 'bin/start.cjs'), 'engine'], { env: sandbox.env, stdio: 'ignore' })
  const held = await eventually('the engine answers', () => connected(sandbox.socket))
  rmSync(copy, { recursive: true })
  return held
}

const gate = requires(root)

gate.test('an engine whose files were replaced goes on, also with what it does first', {}, async () => {
  const held = await engineWhoseFilesAreGone()
  try {
    const pid = sandbox.enginePid()
    await sandbox.busybox()
    const service = '{image: busybox, command: [sleep, infinity], init: true}'
    sandbox.write('compose.yaml', `services: {a: ${service}}\n`)
    await sandbox.ok('up', '-d')
    expect(sandbox.enginePid()).toBe(pid)
  } finally {
    held.destroy()
  }
})

const OLDER = process.env['TSCOMPOSE_TEST_OLDER']

/** Runs a command of the older version to its end. */
async function older(...args: readonly string[]): Promise<void> {
  const child = spawn(join(OLDER ?? '', 'bin/tscompose'), args, {
    cwd: sandbox.folder,
    env: sandbox.env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  expect(await once(child, 'close')).toEqual([0, null])
}

/** Lines that a service's log has had since. */
const lines = async (service: string): Promise<number> =>
  (await sandbox.ok('logs', '--no-log-prefix', service)).stdout.split('\n').length

requires(
  root,
  present('an older version, built (TSCOMPOSE_TEST_OLDER)', OLDER),
).test('C30: what an older version has started goes on with this one, whose engine speaks to its monitors', {}, async () => {
  await sandbox.busybox()
  const ticks = "sh -c 'while :; do echo tick; sleep 0.1; done'"
  sandbox.write(
    'compose.yaml',
    `name: older
x-it: &it {image: busybox, init: true, stop_grace_period: 0s}
services:
  ticks: {<<: *it, command: ${JSON.stringify(ticks)}, mem_limit: 64m, ports: ["127.0.0.1::80"]}
  idle: {<<: *it, command: sleep 100000, stdin_open: true, healthcheck: {test: "true", interval: 200ms}}
  flaps: {<<: *it, command: sleep 0.5, restart: always}
  still: {<<: *it, command: sleep 100000}
`,
  )
  // Else the older command would be run by this version's engine.
  await eventually('the engine has ended', () => sandbox.enginePid() === undefined)
  await older('up', '-d')
  await older('pause', 'still')
  const docker = new Docker({ socketPath: sandbox.socket })
  const pidOf = async (service: string): Promise<number> =>
    (await docker.getContainer(`older-${service}-1`).inspect()).State.Pid
  const before = [await pidOf('ticks'), await pidOf('idle')]
  await sandbox.killEngine()
  // Nothing is made anew for the sake of the version alone.
  await sandbox.ok('ps')
  expect([await pidOf('ticks'), await pidOf('idle')]).toEqual(before)
  const heard = await lines('ticks')
  await eventually('the log goes on', async () => (await lines('ticks')) > heard)
  expect((await sandbox.ok('exec', '-T', 'idle', 'echo', 'hello')).stdout).toBe('hello\n')
  await eventually('health goes on', async () => {
    const { State } = await docker.getContainer('older-idle-1').inspect()
    return State.Health?.Status === 'healthy'
  })
  await sandbox.ok('unpause', 'still')
  const flapped = await pidOf('flaps')
  await eventually('its policy holds', async () => ![0, flapped].includes(await pidOf('flaps')))
  // A monitor is told another policy, another network, and the end of a run.
  await docker.getContainer('older-flaps-1').update({ RestartPolicy: { Name: 'no' } })
  await eventually('and another one', async () => (await pidOf('flaps')) === 0)
  const network = await docker.createNetwork({ Name: 'older_second' })
  await network.connect({ Container: 'older-idle-1' })
  await sandbox.ok('restart', 'ticks')
  // From here on it is this version's.
  expect((await sandbox.ok('exec', '-T', 'ticks', 'head', '-1', '/proc/meminfo')).stdout).toContain(
    ' 65536 kB',
  )
  await sandbox.ok('cp', 'idle:/bin/busybox', 'busybox')
  await sandbox.ok('stop', 'idle')
  await sandbox.ok('up', '-d')
  docker.modem.destroy()
  await sandbox.ok('down')
})
