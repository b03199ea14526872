import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Running, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

// Containers that are kept as the files are: copied into, rebuilt, restarted, over whatever happens to them meanwhile.
let sandbox: Sandbox
let watching: Running | undefined

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
})
afterEach(async () => {
  watching?.child.kill('SIGINT')
  await watching?.ended
  watching = undefined
  await sandbox.run('down', '-t', '0', '-v')
  rmSync(sandbox.folder, { recursive: true })
  mkdirSync(sandbox.folder)
})
afterAll(() => sandbox.close())

const COMPOSE = `name: wat
services:
  a:
    build: {context: ., dockerfile_inline: "FROM busybox\\nRUN mkdir /app\\nCOPY src /app\\nCOPY pkg /pkg\\n"}
    command: sh -c 'echo started-$$(cat /pkg/version); exec sleep 1000'
    stop_grace_period: 0s
    develop:
      watch:
        - {path: ./src, action: sync, target: /app, ignore: [ignored/]}
        - {path: ./conf, action: sync+restart, target: /conf}
        - {path: ./pkg, action: rebuild}
        - {path: ./hook, action: sync+exec, target: /hook, exec: {command: "sh -c 'echo said-$$WHO-$$(id -u); pwd'", user: "7", working_dir: /tmp, environment: {WHO: me}}}
`
const NAMED = ['src/a', 'pkg/version'] as const

function prepare(): void {
  sandbox.write('compose.yaml', COMPOSE)
  for (const path of NAMED) sandbox.write(path, '1')
}

async function watch(...args: string[]): Promise<Running> {
  const running = sandbox.start(...args)
  watching = running
  await eventually('it watches', () => running.output.stdout.includes('Watch enabled'), 60_000)
  return running
}

const inside = async (script: string, index = 1): Promise<string> =>
  (await sandbox.run('exec', '-T', '--index', String(index), 'a', 'sh', '-c', script)).stdout.trim()
const reads = (path: string, text: string, index = 1): Promise<unknown> =>
  eventually(`${path} is "${text}"`, async () => (await inside(`cat ${path}`, index)) === text)

test('each action does what it says, and what is ignored or mounted is left alone', async () => {
  showLogOnFailure(sandbox)
  prepare()
  const { output } = await watch('watch')
  for (const path of ['src/ignored/x', 'src/.a.swp']) sandbox.write(path, 'no')
  sandbox.write('src/deep/b', 'b')
  sandbox.write('src/a', '2')
  await reads('/app/a', '2')
  await reads('/app/deep/b', 'b')
  expect(await inside('ls -A /app')).toBe('a\ndeep')

  renameSync(join(sandbox.folder, 'src/a'), join(sandbox.folder, 'src/z'))
  rmSync(join(sandbox.folder, 'src/deep'), { recursive: true })
  await eventually('removed here is removed there', async () => (await inside('ls -A /app')) === 'z')

  sandbox.write('hook/h', 'h')
  await eventually('its command is heard', () => output.stdout.includes('said-me-7\n/tmp\n'))

  sandbox.write('conf/c', 'c')
  await eventually('it was restarted', () => output.stdout.includes('service(s) ["a"] restarted'))
  await reads('/conf/c', 'c')

  sandbox.write('pkg/version', '2')
  await eventually('it was rebuilt', () => output.stdout.includes('service(s) ["a"] successfully built'))
  await reads('/pkg/version', '2')
  // The new container has what was copied into the old one.
  await reads('/conf/c', 'c')
  await eventually('the new one is heard', async () =>
    (await sandbox.ok('logs', '--no-log-prefix')).stdout.includes('started-2'),
  )

  const second = await sandbox.run('watch', '--no-up')
  expect([second.status, second.stderr]).toEqual([1, expect.stringContaining('WATCH_RUNNING')])
})

test('a build that fails is told, and the watch goes on', async () => {
  prepare()
  const { output } = await watch('watch')
  rmSync(join(sandbox.folder, 'pkg'), { recursive: true })
  await eventually('it is told', () => /^error [A-Z_]+/m.test(output.stderr))
  sandbox.write('pkg/version', '3')
  await reads('/pkg/version', '3')
  sandbox.write('src/a', 'on')
  await reads('/app/a', 'on')
})

test('what changed while nobody watched is there, in old containers and in new ones; engines may die', async () => {
  showLogOnFailure(sandbox)
  prepare()
  await sandbox.ok('up', '-d')
  sandbox.write('src/a', 'offline')
  sandbox.write('src/new', 'offline')
  await watch('watch', '--no-up')
  await reads('/app/new', 'offline')
  await reads('/app/a', 'offline')
  await sandbox.ok('up', '-d', '--scale', 'a=2')
  await reads('/app/new', 'offline', 2)
  const engine = sandbox.enginePid()
  if (engine !== undefined) process.kill(engine, 'SIGKILL')
  sandbox.write('src/a', 'all')
  for (const index of [1, 2]) await reads('/app/a', 'all', index)
  await sandbox.ok('up', '-d', '--scale', 'a=2', '--force-recreate')
  for (const index of [1, 2]) await reads('/app/a', 'all', index)
  await sandbox.ok('stop')
  rmSync(join(sandbox.folder, 'src/new'))
  sandbox.write('src/a', 'stopped')
  await eventually('it is copied', () => watching?.output.stdout.trim().endsWith('2 changes were detected'))
  await sandbox.ok('start')
  await reads('/app/a', 'stopped')
  await eventually('it is removed', async () => (await inside('ls /app')) === 'a')
})

test('what a container stops in the middle of removing is removed after its next start', async () => {
  prepare()
  await watch('watch')
  await inside(
    'mv /bin/rm /bin/rm.real; printf "#!/bin/sh\\ntouch /app/tried\\nkill -9 \\$\\$\\n" > /bin/rm; chmod +x /bin/rm',
  )
  rmSync(join(sandbox.folder, 'src/a'))
  await eventually('rm is killed', async () => (await inside('ls /app')).includes('tried'))
  expect(await inside('mv /bin/rm.real /bin/rm; ls /app')).toBe('a\ntried')
  await sandbox.ok('restart')
  await eventually('it is removed', async () => (await inside('ls /app')) === 'tried')
})

test('a checkout of thousands of files, and its undoing, end in the same tree', async () => {
  prepare()
  await watch('watch')
  const listed = 'cd /app; find . -type f | sort | xargs cat | md5sum; find . | wc -l'
  const before = await inside(listed)
  for (let index = 0; index < 2_000; index += 1) {
    const path = join(sandbox.folder, `src/big/${index % 40}/${index}`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, String(index))
  }
  const all = `cd /app/big && find . -type f | wc -l`
  await eventually('all are there', async () => (await inside(all)) === '2000', 60_000)
  rmSync(join(sandbox.folder, 'src/big'), { recursive: true })
  await eventually('none is there', async () => (await inside(listed)) === before, 60_000)
})

test('up --watch shows logs over a rebuild and a restart, and Ctrl-C stops it all', async () => {
  showLogOnFailure(sandbox)
  prepare()
  const { output, child, ended } = await watch('up', '--watch', '--no-color')
  sandbox.write('pkg/version', '2')
  await eventually('the new one is heard', () => output.stdout.includes('started-2'))
  sandbox.write('conf/c', 'c')
  await eventually('it is heard again', () => output.stdout.split('started-2').length === 3)
  sandbox.write('src/a', 'x')
  await reads('/app/a', 'x')
  child.kill('SIGINT')
  expect((await ended).status).toBe(130)
  expect((await sandbox.ok('ps', '-q')).stdout).toBe('')
})

test('what cannot be watched is refused before anything is made', async () => {
  sandbox.write('compose.yaml', 'name: wat\nservices: {a: {image: busybox}}\n')
  for (const command of [['watch'], ['up', '--watch']]) {
    const { status, stderr } = await sandbox.run(...command)
    expect([status, stderr]).toEqual([1, expect.stringContaining('WATCH_NO_RULES')])
    expect((await sandbox.ok('ps', '-a', '-q')).stdout).toBe('')
  }
})
