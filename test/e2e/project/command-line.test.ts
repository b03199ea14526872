import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// What is written on the command line reaches the command, and nothing of it is passed over in silence.
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `name: words
services:
  web: {image: busybox, command: sleep 600, stop_grace_period: 0s}
  extra: {image: busybox, command: sleep 600, stop_grace_period: 0s, profiles: [more]}
`,
  )
  await sandbox.ok('up', '-d')
})
afterAll(() => sandbox.close())

const codes = (stderr: string): string[] =>
  [...stderr.matchAll(/^error ([A-Z_]+)/gm)].map(match => match[1] ?? '')

test('--env-file is ours or the command’s in the container, never Node’s, also by a link to the program', async () => {
  sandbox.write('debug.env', 'NODE_OPTIONS=--no-such-option\nANSWER=42\n')
  sandbox.write('env.yaml', 'name: words\nservices: {a: {image: "${ANSWER}"}}\n')
  expect((await sandbox.ok('exec', '-T', 'web', 'echo', '--env-file', 'foo')).stdout).toBe('--env-file foo\n')
  expect((await sandbox.ok('exec', '-T', 'web', 'echo', '--env-file=foo')).stdout).toBe('--env-file=foo\n')
  expect((await sandbox.ok('--env-file', 'debug.env', '-f', 'env.yaml', 'config', '--images')).stdout).toBe(
    '42\n',
  )
  const missing = await sandbox.run('--env-file', 'nosuch.env', 'config', '-q')
  expect([missing.status, codes(missing.stderr)]).toEqual([1, ['ENV_FILE_NOT_FOUND']])
  const asked = ['--env-file', 'debug.env', '-f', 'env.yaml', 'config', '--images']
  expect(linked('link', ...asked).stdout).toBe('42\n')
})

test('a link named docker-compose answers as that does, and works on the same projects', () => {
  const called = (...words: string[]) => linked('docker-compose', ...words)
  expect(called('--version').stdout).toMatch(/^Docker Compose version v\d/)
  expect(called('nosuch')).toMatchObject({ status: 1, stdout: expect.stringMatching(/^Usage: /) })
  expect(called('exec', '-T', 'web', 'echo', '--env-file', 'foo').stdout).toBe('--env-file foo\n')
  expect(called('compose', 'ps', '--services').stdout).toBe('web\n')
})

/** Runs the program by a link of this name. */
function linked(name: string, ...words: string[]): SpawnSyncReturns<string> {
  const link = join(dirname(sandbox.folder), name)
  if (!existsSync(link)) symlinkSync(resolve('bin/tscompose'), link)
  return spawnSync(link, words, { cwd: sandbox.folder, env: sandbox.env, encoding: 'utf8' })
}

test.each([
  ['up', '-d', '--scale', 'nosuch=3'],
  ['plan', '--scale', 'nosuch=3'],
  ['exec', '-T', 'nosuch', 'true'],
  ['port', 'nosuch', '80'],
  ['up', '-d', '--scale', 'extra=2'],
  ['stop', 'nosuch'],
])('a service that is not there is told: %s %s %s %s', async (...words) => {
  const { status, stderr } = await sandbox.run(...words)
  expect(status).toBe(1)
  expect(codes(stderr)[0]).toMatch(/^(NO_SUCH_SERVICE|SERVICE_NOT_FOUND|SERVICE_DISABLED)$/)
})

test('what there is nothing of is told as Docker Compose does', async () => {
  expect((await sandbox.run('logs', '--index', '4', 'web')).stderr).toContain('error CONTAINER_NOT_FOUND')
  await sandbox.ok('-p', 'none', 'pause')
  await sandbox.ok('-p', 'none', 'unpause', 'web')
  await sandbox.ok('up', '-d', 'extra')
  expect((await sandbox.ok('rm', '-fs', 'extra')).stdout).toBe('Going to remove words-extra-1\n')
})

test('naming a service enables its profiles, whatever is done with it', async () => {
  await sandbox.ok('up', '-d', 'extra')
  const state = async (): Promise<string> =>
    (await sandbox.ok('ps', '-a', '--format', 'json', 'extra')).stdout.match(/"State":\s*"(\w+)"/)?.[1] ?? ''
  await sandbox.ok('stop', 'extra')
  expect(await state()).toBe('exited')
  await sandbox.ok('start', 'extra')
  expect(await state()).toBe('running')
  await sandbox.ok('restart', 'extra')
  await sandbox.ok('kill', 'extra')
  expect(await state()).toBe('exited')
  await sandbox.ok('rm', '-f', 'extra')
  expect(await state()).toBe('')
})

test('a restart policy that does not exist is refused before anything is made, from a variable too', async () => {
  sandbox.write(
    'wrong.yaml',
    `name: words-wrong
services:
  a: {image: busybox, restart: "\${POLICY:-sometimes}"}
  b: {image: busybox, deploy: {restart_policy: {condition: sometimes}}}
`,
  )
  const { status, stderr } = await sandbox.run('-f', 'wrong.yaml', 'up', '-d')
  expect([status, codes(stderr)]).toEqual([1, ['RESTART_INVALID', 'RESTART_INVALID']])
  expect(stderr).toMatch(/wrong\.yaml:3:\d+ services\.a\.restart/)
  expect((await sandbox.ok('-p', 'words-wrong', 'ps', '-a', '-q')).stdout).toBe('')
})

test('a command that Docker Compose has and we have not is not guessed at', async () => {
  const { status, stderr } = await sandbox.run('bridge', 'convert', '-t', 'mine')
  expect([status, codes(stderr)]).toEqual([1, ['COMMAND_NOT_YET']])
})

// What Node loads takes time at each start: a command pays for what it uses alone.
test.each([
  [['ps'], ['child_process', 'crypto', 'fs/promises', 'perf_hooks', 'zlib']],
  [
    ['up', '-d'],
    ['child_process', 'fs/promises', 'perf_hooks', 'zlib'],
  ],
])('%j loads no part of Node that it does not use', async (words, unwanted) => {
  await sandbox.ok('up', '-d')
  sandbox.write(
    'record.cjs',
    `process.on('exit', () => require('node:fs').writeFileSync('loaded.json', JSON.stringify(process.moduleLoadList)))`,
  )
  const { status } = spawnSync(resolve('bin/tscompose'), words, {
    cwd: sandbox.folder,
    env: { ...sandbox.env, NODE_OPTIONS: '--require ./record.cjs' },
  })
  expect(status).toBe(0)
  const loaded: string[] = JSON.parse(readFileSync(join(sandbox.folder, 'loaded.json'), 'utf8'))
  expect(loaded).toContain('NativeModule net')
  expect(unwanted.filter(name => loaded.includes(`NativeModule ${name}`))).toEqual([])
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a command with 130, whatever it does', async signal => {
  const stubborn = ['-p', `stubborn-${signal.toLowerCase()}`, '-f', 'stubborn.yaml']
  sandbox.write(
    'stubborn.yaml',
    `services: {a: {image: busybox, command: sh -c 'trap "" TERM; touch /up; sleep 600', stop_grace_period: 10m, healthcheck: {test: ls /up, interval: 1s}}}`,
  )
  await sandbox.ok(...stubborn, 'up', '-d', '--wait')
  const stopping = sandbox.start(...stubborn, 'stop')
  await eventually('it waits', async () => stopping.output.stderr.includes('Stopping') || undefined)
  stopping.child.kill(signal)
  expect((await stopping.ended).status).toBe(130)
  await sandbox.ok(...stubborn, 'down', '-t', '0')
})

test('schema prints the schema that files are checked by, or writes it', async () => {
  const schema = JSON.parse(readFileSync('schemas/compose.schema.json', 'utf8'))
  expect(JSON.parse((await sandbox.ok('schema')).stdout)).toEqual(schema)
  expect((await sandbox.ok('schema', '-o', 'own.json')).stdout).toBe('')
  expect(JSON.parse(readFileSync(join(sandbox.folder, 'own.json'), 'utf8'))).toEqual(schema)
})
