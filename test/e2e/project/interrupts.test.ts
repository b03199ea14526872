import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Running, type Sandbox } from '../harness/sandbox.ts'

// Every command that waits ends at the first Ctrl-C, with what a shell tells as 130, whatever it waits for.
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('built/Dockerfile', 'FROM busybox\nRUN echo under way && sleep 600\n')
  sandbox.write('src/file', 'x')
  sandbox.write(
    'compose.yaml',
    `
name: halt
services:
  a:
    image: busybox
    command: sh -c 'trap "echo got it" TERM; echo ready; while :; do sleep 0.1; done'
    stop_grace_period: 10m
    develop: {watch: [{action: sync, path: ./src, target: /tmp/src}]}
  slow:
    image: busybox
    command: sleep 600
    init: true
    profiles: [more]
    healthcheck: {test: exit 1, interval: 1s, retries: 1000, start_period: 10m}
  needy: {image: busybox, profiles: [more], depends_on: {slow: {condition: service_healthy}}}
  b: {build: built, image: never, profiles: [more]}
`,
  )
})
beforeEach(async () => {
  await sandbox.ok('up', '-d', 'a')
  await eventually('the trap is set', async () => (await sandbox.run('logs', 'a')).stdout.includes('ready'))
})
afterEach(async () => {
  // A stop that nobody waits for any more goes on in the engine.
  await sandbox.run('kill')
  await sandbox.run('--profile', '*', 'down', '-t', '0')
})
afterAll(() => sandbox.close())

/** Whether the command has reached its engine. */
function isConnected({ child }: Running): boolean {
  const folder = `/proc/${child.pid}/fd`
  return readdirSync(folder).some(fd => {
    try {
      return readlinkSync(`${folder}/${fd}`).startsWith('socket:')
    } catch {
      return false
    }
  })
}

test.each([
  'config',
  'ps',
  'up -d',
  'logs -f',
])('Ctrl-C ends %s while a pipe that it reads has no writer', async command => {
  execFileSync('mkfifo', ['-m', '600', 'pipe'], { cwd: sandbox.folder })
  const { child } = sandbox.start('-f', 'pipe', ...command.split(' '))
  const ended = once(child, 'close')
  try {
    // It sleeps in open(2) until somebody writes.
    const isWaiting = (): boolean =>
      readFileSync(`/proc/${child.pid}/wchan`, 'utf8').includes('wait_for_partner')
    await eventually('the pipe is opened', isWaiting)
    child.kill('SIGINT')
    expect(await ended).toEqual([null, 'SIGINT'])
  } finally {
    child.kill('SIGKILL')
    rmSync(`${sandbox.folder}/pipe`)
  }
})

describe('Ctrl-C ends', () => {
  test.each<[command: string, says: string]>([
    ['up -d --force-recreate', 'Recreate'],
    ['up -d --scale a=0', 'Stopping'],
    ['up -d --wait slow', 'Waiting'],
    ['up -d needy', 'Waiting'],
    ['up -d b', 'under way'],
    ['create b', 'under way'],
    ['build b', 'under way'],
    ['scale a=0', 'Stopping'],
    ['run --rm needy true', 'Waiting'],
    ['stop', 'Stopping'],
    ['restart', 'Restarting'],
    ['down', 'Stopping'],
    ['rm -sf', 'Stopping'],
    ['logs -f', 'ready'],
    ['watch --no-up', 'Watch enabled'],
    ['stats', 'CPU'],
    ['events', ''],
    ['wait a', ''],
    ['attach --no-stdin --sig-proxy=false a', ''],
    ['exec -T a sleep 600', ''],
  ])('%s', async (command, says) => {
    const running = sandbox.start(...command.split(' '))
    const { child, output } = running
    const ended = new Promise<number>(resolve =>
      child.once('close', (code, signal) => resolve(signal === 'SIGINT' ? 130 : (code ?? -1))),
    )
    await eventually('the command waits', () =>
      says === '' ? isConnected(running) : (output.stdout + output.stderr).includes(says),
    )
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(output.stderr).not.toMatch(/^error /m)
    expect(output.stderr).not.toContain('OPERATION_FAILED')
  })
})
