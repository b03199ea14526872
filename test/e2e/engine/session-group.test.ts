// What started the engine ends, with everything in its control group: a systemd service, a login session.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseLayout } from '../../../src/engine/cgroup/layout.ts'
import { eventually } from '../harness/eventually.ts'
import { takeInventory } from '../harness/inventory.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

const layout = parseLayout(readFileSync('/proc/self/mountinfo', 'utf8'))
/** Groups of a session, in every hierarchy that service managers tell processes by. */
const session = [
  ...layout.v1.filter(({ controllers: [first] }) => first?.startsWith('name=')).map(each => each.mountpoint),
  layout.unified ?? [],
]
  .flat()
  .map(mountpoint => join(mountpoint, `tsc-session-${process.pid}`))
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  await eventually('the engine of the build ends', () => sandbox.enginePid() === undefined)
  sandbox.write(
    'compose.yaml',
    'name: ses\nservices: {a: {image: busybox, command: sleep infinity, init: true, networks: [net]}}\nnetworks: {net: {}}\n',
  )
  for (const group of session) mkdirSync(group)
})
afterAll(async () => {
  await sandbox.close('ended')
  for (const group of session) rmdirSync(group)
})

/** Runs a command of ours in the session's groups. */
async function inSession(...args: string[]): Promise<void> {
  const enter = session.map(group => `echo $$ > ${group}/cgroup.procs`).join(' && ')
  const child = spawn('sh', ['-c', `${enter} && exec "$0" "$@"`, resolve('bin/tscompose'), ...args], {
    cwd: sandbox.folder,
    env: sandbox.env,
    stdio: 'ignore',
  })
  expect(await new Promise(settle => child.on('close', settle))).toBe(0)
}

const processesOf = (group: string): string => readFileSync(join(group, 'cgroup.procs'), 'utf8')

test('engine, monitors and relays are in none of its groups, and outlive it', async () => {
  await inSession('up', '-d')
  const engine = sandbox.enginePid()
  expect(engine).toBeTypeOf('number')
  await eventually('nobody is in it', () => session.every(group => processesOf(group) === ''))
  for (const group of session)
    if (existsSync(join(group, 'cgroup.kill'))) writeFileSync(join(group, 'cgroup.kill'), '1')
  expect(sandbox.enginePid()).toBe(engine)
  expect((await sandbox.ok('exec', '-T', 'a', 'nslookup', '-type=a', 'a', '127.0.0.11')).status).toBe(0)
})

test('the next engine, started by another session, joins the group of the monitors', async () => {
  await sandbox.killEngine()
  await inSession('ps')
  await eventually('it has moved', () => session.every(group => processesOf(group) === ''))
  const groups = readFileSync(`/proc/${sandbox.enginePid()}/cgroup`, 'utf8')
  expect(groups).toContain('/engine')
})

test('with the engine the group goes', async () => {
  await sandbox.ok('down', '-v')
  await eventually('the engine ends', () => sandbox.enginePid() === undefined)
  await eventually('its groups are gone', () => takeInventory(sandbox.env).cgroups.length === 0)
})

test.each([
  ['told to end', (pid: number) => void process.kill(pid, 'SIGTERM')],
  ['whose place was removed', () => rmSync(sandbox.env['TSCOMPOSE_RUN'] ?? '', { recursive: true })],
])('the group goes with an engine %s, once no container runs', async (_, end) => {
  await sandbox.ok('up', '-d')
  await sandbox.ok('stop', '-t', '0')
  const pid = sandbox.enginePid()
  expect(pid).toBeTypeOf('number')
  end(pid ?? 0)
  await eventually('the engine ends', () => !existsSync(`/proc/${pid}`))
  expect(takeInventory(sandbox.env).cgroups).toEqual([])
})

test('an engine told to end leaves containers and their group alone', async () => {
  await sandbox.ok('up', '-d')
  const pid = sandbox.enginePid() ?? 0
  process.kill(pid, 'SIGTERM')
  await eventually('the engine ends', () => !existsSync(`/proc/${pid}`))
  expect(takeInventory(sandbox.env).cgroups).not.toEqual([])
  expect((await sandbox.ok('exec', '-T', 'a', 'true')).status).toBe(0)
  await sandbox.ok('down', '-v')
})
