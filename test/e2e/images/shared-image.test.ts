import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
})
afterAll(() => sandbox.close())

const BUILD = `
    build:
      context: .
      no_cache: true
      dockerfile_inline: |
        FROM busybox
        RUN echo built > /built`

test('a service runs the image that another one of the file builds, whichever comes first', async () => {
  showLogOnFailure(sandbox)
  sandbox.write(
    'compose.yaml',
    `services:
  cli: {image: app, command: cat /built, depends_on: [zoo]}
  web:
    image: app
    command: cat /built${BUILD}
  zoo: {image: app, command: sleep 60, stop_grace_period: 0s}
`,
  )
  for (const how of [[], ['--build']]) {
    await sandbox.ok('up', '-d', ...how)
    expect((await sandbox.ok('exec', '-T', 'zoo', 'cat', '/built')).stdout).toBe('built\n')
    await sandbox.ok('down', '--rmi', 'all')
  }
})

test('build heeds no_cache of the file', async () => {
  showLogOnFailure(sandbox)
  sandbox.write('compose.yaml', `services:\n  web:${BUILD}\n`)
  await sandbox.ok('build')
  const { stdout, stderr } = await sandbox.ok('build')
  expect(stdout + stderr).not.toMatch(/ CACHED$/m)
  sandbox.write('compose.yaml', `services:\n  web:${BUILD.replace('no_cache: true', 'no_cache: false')}\n`)
  await sandbox.ok('build')
  const cached = await sandbox.ok('build')
  expect(cached.stdout + cached.stderr).toMatch(/ CACHED$/m)
})
