import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countCalls } from '../harness/counted-calls.ts'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// How many containers there are, whether they are started, and how they end. The tests build on each other, in order.
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('value', 'one')
  sandbox.write(
    'compose.yaml',
    `
name: many
services:
  base: {image: busybox, command: sleep 600, stop_signal: KILL}
  worker: {image: busybox, command: sleep 600, stop_signal: KILL, depends_on: [base]}
  single: {image: busybox, command: sleep 600, stop_signal: KILL, container_name: many-the-only}
  extra: {image: busybox, command: sleep 600, stop_signal: KILL, profiles: [extra]}
  mortal:
    image: busybox
    command: sh -c 'until [ -e /go/mortal ]; do sleep 0.05; done; exit 3'
    volumes: [".:/go"]
    profiles: [mortal]
  migrate:
    image: busybox
    command: sh -c 'echo run >> /go/runs; exit $$(cat /go/status)'
    volumes: [".:/go"]
    profiles: [deploy]
  app:
    image: busybox
    command: sleep 600
    stop_signal: KILL
    profiles: [deploy]
    depends_on: {migrate: {condition: service_completed_successfully}}
`,
  )
})
afterAll(() => sandbox.close())

const states = async (): Promise<string[]> => {
  const { stdout } = await sandbox.ok('ps', '-a', '--format', 'json')
  const rows = stdout.split('\n').filter(line => line !== '')
  return rows.map(row => JSON.parse(row)).map(({ Name, State }) => `${Name} ${State}`)
}
const codeOf = async (...args: string[]): Promise<string> => {
  const { status, stderr } = await sandbox.run(...args)
  return status === 0 ? 'accepted' : (/^error ([A-Z_]+)/m.exec(stderr)?.[1] ?? stderr)
}

test('create makes containers and starts none, a second time nothing', async () => {
  await sandbox.ok('create')
  const made = ['many-base-1 created', 'many-the-only created', 'many-worker-1 created']
  expect(await states()).toEqual(made)
  expect((await sandbox.ok('create', '--no-recreate')).stderr).toBe('')
  expect(await states()).toEqual(made)
})

test('create takes the options of up that make containers', async () => {
  await sandbox.ok('create', '--scale', 'worker=2', '--force-recreate', '-y', '--quiet-pull', 'worker')
  expect(await states()).toContain('many-worker-2 created')
  expect(await codeOf('create', '--build', '--no-build')).toBe('FLAG_CONFLICT')
  expect(await codeOf('create', '--force-recreate', '--no-recreate')).toBe('FLAG_CONFLICT')
  expect(await codeOf('create', '--scale', 'worker=two')).toBe('FLAG_VALUE')
  expect(await codeOf('create', 'nosuch')).toBe('NO_SUCH_SERVICE')
  expect((await sandbox.ok('--dry-run', 'create', 'extra')).stdout).toContain('many-extra-1')
  expect(await states()).not.toContain('many-extra-1 created')
})

test('scale starts and removes containers until there are so many, with what they depend on', async () => {
  await sandbox.ok('scale', 'worker=3')
  expect(await states()).toEqual([
    'many-base-1 running',
    'many-the-only created',
    'many-worker-1 running',
    'many-worker-2 running',
    'many-worker-3 running',
  ])
  await sandbox.ok('stop', 'base')
  await sandbox.ok('scale', '--no-deps', 'worker=1')
  expect(await states()).toEqual(['many-base-1 exited', 'many-the-only created', 'many-worker-1 running'])
  await sandbox.ok('scale', 'extra=2', 'single=0', 'worker=0')
  expect(await states()).toEqual(['many-base-1 running', 'many-extra-1 running', 'many-extra-2 running'])
  expect((await sandbox.ok('scale', 'extra=2')).stderr).toBe('')
})

test('scale refuses what is no number of containers of a service', async () => {
  for (const word of ['worker', 'worker=', 'worker=-1', 'worker=x', '=2'])
    expect(await codeOf('scale', word)).toBe('FLAG_VALUE')
  expect(await codeOf('scale', 'nosuch=2')).toBe('NO_SUCH_SERVICE')
  expect(await codeOf('scale', 'single=2')).toBe('CONTAINER_NAME_SCALED')
  expect(await codeOf('scale')).toBe('ARGUMENT_COUNT')
})

test('COMPOSE_REMOVE_ORPHANS makes down remove orphans', async () => {
  await sandbox.ok('up', '-d', '--scale', 'extra=1', 'extra')
  const few = 'few.yaml'
  sandbox.write(few, 'name: many\nservices: {other: {image: busybox}}\n')
  await sandbox.ok('-f', few, 'down', '-t', '0')
  expect((await states()).some(each => each.includes('extra'))).toBe(true)
  const { env } = sandbox
  const result = spawnSync(resolve('bin/tscompose'), ['-f', few, 'down', '-t', '0'], {
    cwd: sandbox.folder,
    env: { ...env, COMPOSE_REMOVE_ORPHANS: '1' },
  })
  expect([result.status, await states()]).toEqual([0, []])
})

test('ten at once give the number that the last of them asked for', async () => {
  const numbers = [3, 1, 4, 1, 5, 2, 6, 5, 3, 2]
  await Promise.all(numbers.map(number => sandbox.ok('scale', `extra=${number}`)))
  const extras = (await states()).filter(each => each.includes('extra'))
  expect(numbers).toContain(extras.length)
  expect(extras.every(each => each.endsWith(' running'))).toBe(true)
  await sandbox.ok('down', '-t', '0', '--remove-orphans')
})

test('wait tells how each container ended, and returns the last one', async () => {
  await sandbox.ok('scale', 'mortal=2', 'extra=1')
  const ids = (await sandbox.ok('ps', '-q', 'mortal')).stdout.trim().split('\n')
  const calls = await countCalls(sandbox.socket)
  const waiting = sandbox.start('wait', 'mortal')
  // It waits for those that run: one that had ended before it looked would not be told.
  let waits = 0
  await eventually('both are waited for', async () => {
    waits += calls.take().filter(call => call === 'POST /containers/ID/wait').length
    return waits === 2
  })
  calls.close()
  sandbox.write('mortal', '')
  const { status, stdout } = await waiting.ended
  expect(status).toBe(3)
  const told = stdout.matchAll(/^container "([0-9a-f]{64})" exited with status code 3$/gm)
  expect([...told].map(match => match[1]?.slice(0, 12)).sort()).toEqual(ids.map(id => id.slice(0, 12)).sort())
})

test('wait tells the end of one that has ended already, and that there is none', async () => {
  expect(await sandbox.run('wait', 'mortal')).toMatchObject({ status: 3, stderr: '' })
  expect(await codeOf('wait', 'nosuch')).toBe('NO_SUCH_SERVICE')
  expect(await codeOf('wait', 'single')).toBe('NO_CONTAINER_TO_WAIT_FOR')
  expect(await codeOf('wait')).toBe('ARGUMENT_COUNT')
  // Without a file, by the project's name.
  expect((await sandbox.run('-p', 'many', 'wait', 'mortal')).status).toBe(3)
})

test('wait goes on over an engine that is killed, and hears of a kill', async () => {
  const waiting = sandbox.start('wait', 'extra')
  await eventually('it waits', async () => (await sandbox.ok('ps', '-q', 'extra')).stdout !== '')
  process.kill(Number(sandbox.enginePid()), 'SIGKILL')
  await sandbox.ok('kill', 'extra')
  expect(await waiting.ended).toMatchObject({ status: 137, stderr: '' })
})

test('wait --down-project takes the project down behind it', async () => {
  sandbox.write('mortal', '')
  expect((await sandbox.run('wait', '--down-project', 'mortal')).status).toBe(3)
  expect(await states()).toEqual([])
})

test('a one-shot runs at each up, which fails if it does and leaves those who need it alone', async () => {
  const runs = (): number => readFileSync(`${sandbox.folder}/runs`, 'utf8').trim().split('\n').length
  const app = async (): Promise<string> => (await sandbox.ok('ps', '-q', 'app')).stdout
  sandbox.write('status', '0')
  await sandbox.ok('up', '-d', 'app')
  expect(runs()).toBe(1)
  const before = await app()
  await sandbox.ok('up', '-d', 'app')
  expect(runs()).toBe(2)
  sandbox.write('status', '7')
  expect(await codeOf('up', '-d', 'app')).toBe('DEPENDENCY_FAILED')
  expect(runs()).toBe(3)
  expect(await app()).toBe(before)
  expect(before).not.toBe('')
})
