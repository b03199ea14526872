import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
})
afterAll(() => sandbox.close())

/** Configs and secrets in no file; the content is written into `.env`, as a user would change it. */
function write(motd: string, token: string): void {
  sandbox.write('.env', `MOTD=${motd}\nTOKEN=${token}\n`)
  sandbox.write('Dockerfile', 'FROM busybox\nRUN echo app:x:1234:1235::/:/bin/sh >> /etc/passwd\nUSER app\n')
  const common = 'stop_grace_period: 0s\n    configs: [{source: motd, target: /etc/motd}]'
  sandbox.write(
    'compose.yaml',
    `services:
  web:
    build: .
    image: app
    command: sleep 600
    ${common}
    secrets: [{source: tok, mode: 0400}, {source: tok, target: /own, uid: "77", gid: "78", mode: 0600}]
  ro:
    image: busybox
    user: "4321"
    read_only: true
    command: sleep 600
    ${common}
configs: {motd: {content: "say \${MOTD}"}}
secrets: {tok: {environment: TOKEN}}
`,
  )
}

const read = async (service: string, ...command: string[]): Promise<string> =>
  (await sandbox.ok('exec', '-T', '-u', '0', service, ...command)).stdout

async function idOf(service: string): Promise<string> {
  return (await sandbox.ok('ps', '-q', service)).stdout.trim()
}

test('the content of a config or secret that changes is told, by its name alone, and brought by up', async () => {
  showLogOnFailure(sandbox)
  write('one', '4711')
  await sandbox.ok('up', '-d')
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)
  write('two', '0815')
  const plan = await sandbox.run('plan', '--exit-code')
  expect(plan.status).toBe(2)
  expect(plan.stdout).toContain('configs.motd content')
  expect(plan.stdout).toContain('secrets.tok content')
  expect(plan.stdout).not.toMatch(/4711|0815|one|two/)
  await sandbox.ok('up', '-d')
  for (const service of ['web', 'ro']) expect(await read(service, 'cat', '/etc/motd')).toBe('say two')
  expect(await read('web', 'cat', '/run/secrets/tok', '/own')).toBe('08150815')
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)
})

test('restart brings it too, in the container that is there', async () => {
  showLogOnFailure(sandbox)
  write('three', '0815')
  const before = [await idOf('web'), await idOf('ro')]
  await sandbox.ok('restart')
  for (const service of ['web', 'ro']) expect(await read(service, 'cat', '/etc/motd')).toBe('say three')
  expect([await idOf('web'), await idOf('ro')]).toEqual(before)
  // The container knows what it has: that content is as wanted, and the one before it is not.
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)
  write('two', '0815')
  expect((await sandbox.ok('plan')).stdout).toMatch(/configs\.motd content.*\n.*configs\.motd content/)
  // What this shell does not know stays as it is.
  sandbox.write('.env', 'MOTD=four\n')
  await sandbox.ok('restart', 'web')
  expect(await read('web', 'cat', '/run/secrets/tok', '/etc/motd')).toBe('0815say four')
})

test('start brings it as well, and up the old one back', async () => {
  showLogOnFailure(sandbox)
  write('five', '1111')
  await sandbox.ok('up', '-d')
  const before = [await idOf('web'), await idOf('ro')]
  await sandbox.ok('stop')
  write('six', '2222')
  await sandbox.ok('start')
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)
  expect([await idOf('web'), await idOf('ro')]).toEqual(before)
  write('five', '1111')
  await sandbox.ok('up', '-d')
  for (const service of ['web', 'ro']) expect(await read(service, 'cat', '/etc/motd')).toBe('say five')
  expect(await read('web', 'cat', '/run/secrets/tok', '/own')).toBe('11111111')
})

test('they belong to the user of the container, or to whom the file names', async () => {
  showLogOnFailure(sandbox)
  const owners = (service: string, ...paths: string[]): Promise<string> =>
    read(service, 'stat', '-c', '%u:%g %a', ...paths)
  expect(await owners('web', '/etc/motd', '/run/secrets/tok', '/own')).toBe(
    '1234:1235 444\n1234:1235 400\n77:78 600\n',
  )
  expect(await owners('ro', '/etc/motd')).toMatch(/^4321:/)
})

test('a variable that is set to nothing makes an empty file, which restart brings too', async () => {
  showLogOnFailure(sandbox)
  write('four', '')
  const plan = await sandbox.run('plan', '--exit-code')
  expect(plan.status).toBe(2)
  expect(plan.stdout).toContain('secrets.tok content')
  await sandbox.ok('restart', 'web')
  expect(await read('web', 'stat', '-c', '%s', '/run/secrets/tok', '/own')).toBe('0\n0\n')
  await sandbox.ok('up', '-d')
  expect(await read('web', 'stat', '-c', '%s', '/run/secrets/tok', '/own')).toBe('0\n0\n')
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)
})

test('without the file, restart leaves them as they are', async () => {
  showLogOnFailure(sandbox)
  await sandbox.ok('-p', 'project', '--project-directory', '/', 'restart', 'ro')
  expect(await read('ro', 'cat', '/etc/motd')).toMatch(/^say /)
})

test('they are in the volumes and folders that lie above them at once, beside what the image has there', async () => {
  showLogOnFailure(sandbox)
  sandbox.write('Dockerfile', 'FROM busybox\nRUN mkdir -p /data/sub && echo seed > /data/seed\n')
  sandbox.write(
    'compose.yaml',
    `services:
  below:
    build: .
    image: below
    command: sleep 600
    stop_grace_period: 0s
    volumes: ["vol:/data", "./made:/data/bound", "./made:/ro:ro", "deep:/data/sub"]
    configs:
      - {source: c, target: /data/c.txt}
      - {source: c, target: /data/new/c.txt}
      - {source: c, target: /data/bound/c.txt}
      - {source: c, target: /data/sub/c.txt}
      - {source: c, target: /database/c.txt}
configs: {c: {content: "\${WORD:-one}"}}
volumes: {vol: {}, deep: {}}
`,
  )
  const all = 'cat /data/seed /data/c.txt /data/new/c.txt /data/bound/c.txt /data/sub/c.txt /database/c.txt'
  await sandbox.ok('up', '-d', '--remove-orphans')
  expect(await read('below', 'sh', '-c', all)).toBe('seed\noneoneoneoneone')
  expect(await read('below', 'ls', '/ro')).toBe('c.txt\n')
  sandbox.write('.env', 'WORD=two\n')
  await sandbox.ok('up', '-d')
  expect(await read('below', 'sh', '-c', all)).toBe('seed\ntwotwotwotwotwo')
  expect((await sandbox.run('plan', '--exit-code')).status).toBe(0)
})

test('below what is mounted read-only they are refused', async () => {
  showLogOnFailure(sandbox)
  const file = `services:
  below:
    image: busybox
    command: sleep 600
    volumes: ["vol:/data:ro"]
    configs: [{source: c, target: /data/c.txt}]
configs: {c: {content: x}}
volumes: {vol: {}}
`
  sandbox.write('compose.yaml', file)
  expect((await sandbox.run('up', '-d')).stderr).toContain('PATH_READONLY')
})
