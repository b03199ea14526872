import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'app/Dockerfile',
    'FROM busybox\nRUN (ulimit -Sn; ulimit -Hn; ulimit -c) > /limits\nCMD cat /limits\n',
  )
})
afterAll(() => sandbox.close())

const compose = (ulimits: string): void =>
  sandbox.write('compose.yaml', `name: ul\nservices: {app: {build: {context: app, ulimits: ${ulimits}}}}\n`)

test('build.ulimits are those of the RUN steps, beside the defaults of a container', async () => {
  compose('{nofile: {soft: 123, hard: 456}}')
  await sandbox.ok('up', '--build', '--no-log-prefix')
  expect((await sandbox.ok('logs', '--no-log-prefix', 'app')).stdout).toBe('123\n456\n0\n')
  await sandbox.ok('down')
})

test('one that does not exist fails the step, at its line', async () => {
  compose('{nofiles: 123}')
  sandbox.write('app/Dockerfile', 'FROM busybox\nRUN echo other\n')
  const { status, stderr } = await sandbox.run('build')
  expect(status).not.toBe(0)
  expect(stderr).toMatch(/^error RLIMIT_UNKNOWN .*Dockerfile:2:1 /m)
})

test('its interface says whose it is', async () => {
  compose('{}')
  sandbox.write('app/Dockerfile', 'FROM busybox\nRUN echo asked && sleep 300\n')
  const building = sandbox.start('build')
  await eventually('the step has an interface', () => aliases().some(text => / container=build /.test(text)))
  building.child.kill('SIGINT')
  await building.ended
  await eventually('it goes with the step', () => aliases().length === 0)
})

/** What the interfaces say that lead into containers of the sandbox's engine; one may go meanwhile. */
function aliases(): string[] {
  const engine = createHash('sha256')
    .update(sandbox.env['TSCOMPOSE_ROOT'] ?? '')
    .digest('hex')
    .slice(0, 6)
  const { stdout } = spawnSync('ip', ['-o', 'link'], { encoding: 'utf8' })
  return stdout.split('\n').filter(line => line.includes(`engine=${engine}`) && /^\d+: tv/.test(line))
}

test('an engine that is killed in a RUN leaves nothing, and the next one builds', async () => {
  compose('{}')
  sandbox.write('app/Dockerfile', 'FROM busybox\nRUN echo under way && sleep 300\n')
  const builds = join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'builds')
  const building = sandbox.start('build')
  await eventually('the step runs', () => readdirSync(builds).length > 0)
  // A command that the engine ran is begun anew, and builds what it finds then.
  sandbox.write('app/Dockerfile', 'FROM busybox\nRUN echo done\n')
  await sandbox.killEngine()
  await building.ended
  await sandbox.ok('build')
  await eventually('what it had mounted is gone', () => readdirSync(builds).length === 0)
})
