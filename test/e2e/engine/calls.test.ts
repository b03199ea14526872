import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Docker } from '../../../src/client/index.ts'
import { type CountedCalls, countCalls } from '../harness/counted-calls.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// What commands ask the engine is counted, which is exact on every machine, however slow. The counts may fall, not rise.
let sandbox: Sandbox
let counted: CountedCalls

const project = (services: number): string =>
  [
    'name: counted',
    'services:',
    ...Array.from(
      { length: services },
      (_value, at) =>
        `  s${at}: {image: busybox, command: sleep 100000, init: true, volumes: ["data:/data"]}`,
    ),
    'volumes: {data: {}}',
    '',
  ].join('\n')

beforeAll(async () => {
  // Each command is a process that asks over the socket.
  sandbox = makeSandbox({ env: { TSCOMPOSE_COLD: '1' } })
  await sandbox.busybox()
  sandbox.write('three.yaml', project(3))
  sandbox.write('six.yaml', project(6))
  sandbox.write('compose.yaml', project(6))
  await sandbox.hold()
  counted = await countCalls(sandbox.socket)
})
afterAll(async () => {
  counted?.close()
  await sandbox.close('ended')
})

/** What a command asks, as often as it does. */
async function callsOf(...words: string[]): Promise<Record<string, number>> {
  counted.take()
  await sandbox.ok(...words)
  const calls: Record<string, number> = {}
  for (const call of counted.take()) calls[call] = (calls[call] ?? 0) + 1
  return calls
}

/** The connection for which the engine stays, and all that is there, in one answer. */
const LOOK = { 'GET /_ping': 1, 'POST /tscompose/snapshot': 1 }

test.each([
  ['three services', 'three.yaml'],
  ['six services', 'six.yaml'],
])('an up of %s that has nothing to do asks once what there is', async (_, file) => {
  await sandbox.ok('-f', file, 'up', '-d')
  expect(await callsOf('-f', file, 'up', '-d')).toEqual(LOOK)
})

test.each([
  ['three services', 'three.yaml', 3],
  ['six services', 'six.yaml', 6],
])('an up that makes %s asks once for each step, and over two connections for all', async (_, file, services) => {
  await sandbox.ok('down', '-v', '-t', '0')
  counted.connections()
  expect(await callsOf('-f', file, 'up', '-d')).toEqual({
    ...LOOK,
    'POST /tscompose/line': 1,
    'GET /containers/json': 1,
    'GET /tscompose/images/busybox/stat': services,
    'POST /networks/create': 1,
    'POST /volumes/create': 1,
    'POST /containers/create': services,
    'POST /containers/ID/start': services,
  })
  expect(counted.connections()).toBe(2)
})

test('and that is one process of the native program, however many containers there are', async () => {
  const traced = makeSandbox({ env: { TSCOMPOSE_TRACE: 'trace.json', TSCOMPOSE_COLD: '' } })
  try {
    await traced.busybox()
    traced.write('compose.yaml', project(6))
    await traced.ok('up', '-d')
    const spans = async (like: RegExp, ...words: string[]): Promise<string[]> => {
      await traced.ok(...words)
      const trace = readFileSync(join(traced.folder, 'trace.json'), 'utf8')
      return [...trace.matchAll(like)].map(([name]) => name)
    }
    const programs = (...words: string[]): Promise<string[]> => spans(/"native [a-z ]+"/g, ...words)
    // The engine stays for a command that is run by it: it is not asked to answer first.
    expect(await spans(/"GET [^"]+"/g, 'up', '-d')).toEqual([])
    // Neither the first look nor those behind it list what nobody has changed since it was made.
    expect(await programs('up', '-d')).toEqual(['"native run"'])
    expect(await programs('up', '-d')).toEqual(['"native run"'])
    // Plans that make nothing of what has drifted are made without a look at the kernel.
    expect(await programs('start')).toEqual([])
    expect(await programs('pause')).toEqual([])
    await traced.ok('unpause')
    // What is in the network that it comes back to.
    expect((await programs('restart', '-t', '0', 's0')).filter(name => name === '"native run"')).toHaveLength(
      1,
    )
  } finally {
    await traced.close()
  }
})

test('of many containers a command that knows nothing of them plans while they are looked at', async () => {
  const traced = makeSandbox({ env: { TSCOMPOSE_TRACE: 'trace.json', TSCOMPOSE_COLD: '' } })
  const docker = new Docker({ socketPath: traced.socket })
  try {
    await traced.busybox()
    traced.write('compose.yaml', project(10))
    const asks = async (): Promise<number> => {
      await traced.ok('up', '-d')
      const trace = readFileSync(join(traced.folder, 'trace.json'), 'utf8')
      return [...trace.matchAll(/"POST \/tscompose\/snapshot"/g)].length
    }
    expect([await asks(), await asks(), await asks()]).toEqual([1, 2, 1])
    // What has drifted a moment before is found all the same.
    await traced.ok('up', '-d', '--force-recreate', 's0')
    const { State, Config } = await docker.getContainer('counted-s1-1').inspect()
    const hostname = (...words: string[]): string =>
      execFileSync('nsenter', ['-t', String(State.Pid), '-u', 'hostname', ...words], { encoding: 'utf8' })
    hostname('other')
    expect(await asks()).toBe(2)
    expect(hostname().trim()).toBe(Config.Hostname)
  } finally {
    docker.modem.destroy()
    await traced.close()
  }
})

test('an up that has nothing to do says so to people', async () => {
  expect((await sandbox.ok('up', '-d')).stderr).toBe('Nothing to do for project counted\n')
  expect((await sandbox.ok('--progress', 'json', 'up', '-d')).stderr).toBe('')
  expect((await sandbox.ok('--progress', 'quiet', 'up', '-d')).stderr).toBe('')
})

test('so does a plan, and a start of what runs', async () => {
  expect(await callsOf('plan')).toEqual(LOOK)
  expect(await callsOf('start')).toEqual(LOOK)
})

test('ps and ls ask once', async () => {
  expect(await callsOf('ps')).toEqual({ 'GET /containers/json': 1 })
  expect(await callsOf('ls')).toEqual({ 'GET /containers/json': 1 })
})

test('what a command has to do for one container is asked for that one alone', async () => {
  expect(await callsOf('restart', '-t', '0', 's1')).toEqual({
    ...LOOK,
    'POST /containers/ID/restart': 1,
  })
})

test('a command in a container is asked for once, over the connection for which the engine stays', async () => {
  counted.connections()
  expect(await callsOf('exec', '-T', 's1', 'true')).toEqual({ 'GET /_ping': 1, 'POST /tscompose/exec': 1 })
  expect(counted.connections()).toBe(1)
})

test('where another container than the first is meant it is found in a list', async () => {
  await sandbox.ok('up', '-d', '--scale', 's1=2', 's1')
  const engine = new Docker({ socketPath: sandbox.socket })
  try {
    const first = { 'GET /_ping': 1, 'POST /tscompose/exec': 1 }
    expect(await callsOf('exec', '-T', '--index', '2', 's1', 'true')).toEqual(first)
    await engine.getContainer('counted-s1-1').stop({ t: 0 })
    expect(await callsOf('exec', '-T', 's1', 'true')).toEqual({
      'GET /_ping': 2,
      'POST /tscompose/exec': 1,
      'GET /containers/json': 1,
      'POST /containers/ID/exec': 1,
      'POST /exec/ID/start': 1,
      'GET /exec/ID/json': 1,
    })
  } finally {
    engine.modem.destroy()
    await sandbox.ok('up', '-d')
  }
})
