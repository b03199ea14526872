import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'
import { BIN, type Given, warmLab } from './warm-lab.ts'

// Commands that an engine runs for the launcher do all that they do as processes of their own, to the byte.

let sandbox: Sandbox

const { warmly, coldly, run, warm, cold, inShell, onTerminal } = warmLab(() => sandbox)

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    `name: host
services:
  web: {image: busybox, command: sh -c "seq 3000; exec sleep 100000", init: true}
  quick: {image: busybox, profiles: [once], command: sh -c "echo out; echo err >&2; exit 7"}
`,
  )
  sandbox.write('variables.yaml', 'services: {web: {image: busybox, command: "echo ${GREETING} ${HOME}"}}\n')
  sandbox.write('broken/compose.yaml', 'services: {web: {image: 7, nothing: 1}}\n')
  sandbox.write('other/deep/compose.yaml', 'name: other\nservices: {a: {image: busybox, command: "true"}}\n')
  await sandbox.ok('up', '-d')
  await sandbox.hold()
  await eventually('all is logged', async () =>
    (await sandbox.ok('logs', '--tail', '1')).stdout.includes('3000'),
  )
})
afterAll(() => sandbox.close())

const names = ['--format', '{{.Name}} {{.State}}']

test.each<[string, readonly string[], Given?]>([
  ['a list', ['ps', ...names]],
  ['a list of numbers', ['ps', '-q']],
  ['one of a service that there is not', ['ps', 'nobody']],
  ['projects', ['ls', '--format', 'json']],
  ['images', ['images', '-q']],
  ['the model', ['config']],
  ['a part of it, in JSON', ['config', '--format', 'json', 'web']],
  ['a file in another folder, relative', ['-f', 'other/deep/compose.yaml', 'config']],
  [
    'a folder of the project, relative',
    ['--project-directory', 'other', '-f', 'other/deep/compose.yaml', 'config'],
  ],
  ['a relative path in a variable', ['config'], { env: { COMPOSE_FILE: 'other/deep/compose.yaml' } }],
  ['another working folder', ['config'], { cwd: 'other/deep' }],
  ['a broken file', ['config'], { cwd: 'broken' }],
  ['a broken file in colours', ['--ansi', 'always', 'config'], { cwd: 'broken' }],
  ['variables', ['-f', 'variables.yaml', 'config'], { env: { GREETING: 'grüß dich', LANG: 'de_DE.UTF-8' } }],
  ['a variable that is wrong', ['ps'], { env: { COMPOSE_ANSI: 'sometimes' } }],
  ['no such command', ['pps']],
  ['no such option', ['ps', '--nothing']],
  ['help', ['--help']],
  ['help of a command', ['up', '--help']],
  ['the version', ['version']],
  ['what would be done', ['up', '-d', '--dry-run']],
  ['a plan', ['plan']],
  ['logs', ['logs', '--no-color']],
  ['the last of them', ['logs', '--tail', '5', '--no-log-prefix']],
  ['a command in a container', ['exec', '-T', 'web', 'sh', '-c', 'echo out; echo err >&2; exit 3']],
  ['its input', ['exec', '-T', 'web', 'cat'], { input: 'one\ntwo' }],
  ['an end by a signal', ['exec', '-T', 'web', 'sh', '-c', 'kill -9 $$']],
  ['a container of its own', ['run', '--rm', '-T', '--quiet', 'quick']],
  ['nothing to do', ['up', '-d', '--progress', 'quiet']],
  ['a port that there is not', ['port', 'web', '80']],
  [
    'half a megabyte of arguments',
    ['exec', '-T', 'web', 'sh', '-c', 'echo $#', 'x', ...Array(5).fill('a'.repeat(100_000))],
  ],
  [
    'ten thousand variables',
    ['exec', '-T', '-e', 'V9999', 'web', 'sh', '-c', 'echo $V9999'],
    {
      env: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`V${index}`, `value ${index}`])),
    },
  ],
  ['processes of none', ['top', 'quick']],
])('%s', async (_name, words, given) => {
  const expected = await cold(words, given)
  expect(await warm(words, given)).toEqual(expected)
})

test.each([
  ['a full disk', '"$t" ps > /dev/full'],
  ['a full disk for logs', '"$t" logs --no-color > /dev/full'],
  ['a folder as input', '"$t" exec -T web cat < /bin; echo $?'],
  ['input that cannot be read', '"$t" exec -T web cat 0> /dev/null; echo $?'],
  ['no standard output', '"$t" ps -q >&-'],
  ['standard error on a full disk', '"$t" ps nobody 2> /dev/full'],
  [
    'both streams into one file',
    '"$t" exec -T web sh -c "echo 1; echo 2 >&2; echo 3" > both 2>&1; /usr/bin/sort both',
  ],
  [
    'a file that may not grow so large',
    '"$t" exec -T web sh -c "seq 30000 > /large"; ulimit -f 20; "$t" cp web:/large large; echo $?; "$t" exec -T web cat /large > large; echo $?',
  ],
  [
    'a working directory that was removed',
    '/bin/mkdir gone; cd gone; /bin/rmdir ../gone; "$t" ps --format "{{.Name}} {{.State}}"; "$t" -p host ps -q',
  ],
  [
    'bytes that are no text',
    `x=$(printf 'a\\377b'); "$t" exec -T web printf %s "$x" | /usr/bin/od -c; "$t" ps "$x"; X=$x; export X; "$t" exec -T -e X web printenv X`,
  ],
  ['who reads the first line alone', '{ "$t" config; echo $? >&2; } | /usr/bin/head -n 1'],
  [
    'three interrupts of a container that listens to none',
    `: > out; "$t" run --rm -T web sh -c 'trap "echo heard" INT; echo ready; while :; do sleep 0.1; done' > out 2> err & until /bin/grep -q ready out; do :; done; kill -INT $!; until /bin/grep -q heard out; do :; done; kill -INT $!; until [ $(/bin/grep -c heard out) = 2 ]; do :; done; kill -INT $!; wait $!; echo $?; /bin/cat out err`,
  ],
  ['appending', 'echo before > file; "$t" ps -q >> file; "$t" version --short >> file; /bin/cat file'],
  [
    'one description for two commands',
    '{ "$t" version --short; "$t" version --short; } > file; /bin/cat file',
  ],
  ['input that is left for the next', 'printf "a\\nb\\n" | { "$t" ps -q > file; /bin/cat; }'],
  ['a link of another name', '/bin/ln -sf "$t" docker-compose; ./docker-compose version --short'],
  [
    'a signal that nobody takes',
    // Whether the shell says so itself depends on what it does just then.
    'exec 2> /dev/null; : > out; "$t" exec -T web sh -c "echo ready; sleep 1000" > out & until /bin/grep -q ready out; do :; done; kill -HUP $!; wait $!; echo $?',
  ],
])('%s', async (_name, line) => {
  const expected = await inShell(line, coldly())
  const links = line.includes('docker-compose') ? { PATH: folderOf('readlink') } : {}
  // Which have a process of their own all the same.
  const isAlone = line.includes('ulimit') || line.includes('rmdir')
  const env = isAlone ? { ...sandbox.env, TSCOMPOSE_COLD: '' } : { ...warmly(), ...links }
  expect(await inShell(line, env)).toEqual(expected)
})

/** A folder with links to these programs alone. */
function folderOf(...programs: readonly string[]): string {
  const folder = join(sandbox.folder, 'programs')
  mkdirSync(folder, { recursive: true })
  for (const name of programs)
    if (!existsSync(join(folder, name))) symlinkSync(`/usr/bin/${name}`, join(folder, name))
  return folder
}

test.each<[string, readonly string[], (readonly [string, string])[]?]>([
  ['a list', ['ps', ...names]],
  ['logs in colours', ['logs', '--tail', '2']],
  ['help, as wide as it is', ['up', '--help']],
  ['an explanation', ['explain', 'web.image']],
  ['a failure', ['ps', 'nobody']],
  ['what it is to a container', ['exec', 'web', 'sh', '-c', 'stty size; tty; echo ok']],
  ['how large it is to one of its own from the beginning', ['run', '--rm', '--quiet', 'web', 'stty', 'size']],
  [
    'an interrupt for a container, as a key',
    [
      'exec',
      'web',
      'sh',
      '-c',
      'trap "echo interrupted; exit 4" INT; echo ready; while :; do sleep 0.1; done',
    ],
    [['ready', '\x03']],
  ],
  ['a line for it', ['exec', 'web', 'sh', '-c', 'echo ready; read a; echo "got $a"'], [['ready', 'two\r']]],
])('on a terminal: %s', async (_name, words, typed) => {
  const expected = await onTerminal(words, coldly(), typed)
  expect(expected).toContain('ended with')
  if (words.includes('size')) expect(expected).toContain('17 61')
  expect(await onTerminal(words, warmly(), typed)).toBe(expected)
})

test('who reads no more ends it, as it ends a process of its own', async () => {
  const line = '{ "$t" exec -T web seq 400000; echo $? >&2; } | /usr/bin/head -n 1'
  expect(await inShell(line, warmly())).toEqual({ status: 0, stdout: '1\n', stderr: '141\n' })
})

test('megabytes go in and come out to the byte, also where nobody hurries', async () => {
  const bytes = randomBytes(20_000_000)
  const digest = createHash('sha256').update(bytes).digest('hex')
  const env = warmly()
  const { stdout, stderr } = await run(BIN, ['exec', '-T', 'web', 'cat'], env, { input: bytes })
  expect(stderr).toBe('')
  expect(createHash('sha256').update(Buffer.from(stdout, 'latin1')).digest('hex')).toBe(digest)
  const slow = '"$t" exec -T web sh -c "seq 400000" | { /bin/sleep 1; /usr/bin/sha256sum; }'
  expect(await inShell(slow, env)).toEqual(await inShell(slow, coldly()))
})

test('forty at once are forty answers', async () => {
  const all = Array.from({ length: 40 }, (_, index) => String(index))
  const env = { ...sandbox.env, TSCOMPOSE_COLD: '' }
  const done = await Promise.all(all.map(word => run(BIN, ['exec', '-T', 'web', 'echo', word], env)))
  expect(done).toEqual(all.map(word => ({ status: 0, stdout: `${word}\n`, stderr: '' })))
})

test.each([
  [
    'SIGINT' as const,
    ['run', '--rm', '-T', 'web', 'sh', '-c', "trap 'exit 5' INT; echo ready; while :; do sleep 0.1; done"],
  ],
  [
    'SIGTERM' as const,
    ['run', '--rm', '-T', 'web', 'sh', '-c', "trap 'exit 6' TERM; echo ready; while :; do sleep 0.1; done"],
  ],
  ['SIGINT' as const, ['exec', '-T', 'web', 'sh', '-c', 'echo ready; sleep 1000']],
  ['SIGKILL' as const, ['exec', '-T', 'web', 'sh', '-c', 'echo ready; sleep 1000']],
])('%s does the same', async (signal, words) => {
  const given = { onStart: (child: ChildProcess) => void child.kill(signal) }
  const expected = await cold(words, given)
  const { status, stdout } = await warm(words, given)
  expect({ status, stdout }).toEqual({ status: expected.status, stdout: expected.stdout })
})

test('who is killed holds nothing any more: neither the project nor a container of his own', async () => {
  sandbox.write(
    'slow.yaml',
    'name: slow\nservices:\n  never: {image: busybox, command: sleep 1000, init: true, healthcheck: {test: "false", interval: 1s, retries: 1000}}\n',
  )
  const child = spawn(BIN, ['-f', 'slow.yaml', 'up', '-d', '--wait'], {
    cwd: sandbox.folder,
    env: warmly(),
    stdio: 'ignore',
  })
  const locks = join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'projects/slow.lock')
  await eventually('it holds the project', () => existsSync(locks))
  await eventually(
    'its container runs',
    async () => (await cold(['-p', 'slow', 'ps', '-q'])).stdout.trim() !== '',
  )
  child.kill('SIGKILL')
  expect(await warm(['--progress', 'quiet', '-p', 'slow', 'down', '-t', '0'])).toMatchObject({ status: 0 })
  await eventually('the lock is gone', () => !existsSync(locks))
})

test.each([
  ['of another build', 'build'],
  ['for another root', 'root'],
  ['with another umask', 'umask'],
  ['in a namespace of its own', 'namespace'],
])('a command %s is run by a process of its own', async (_name, what) => {
  const line = 'exec "$t" ps -q'
  const copy = join(sandbox.folder, 'copy')
  if (what === 'build') {
    cpSync(resolve('bin'), join(copy, 'bin'), { recursive: true })
    mkdirSync(join(copy, 'dist/programs'), { recursive: true })
    cpSync(
      resolve(`dist/tscompose-launcher-${process.arch}`),
      join(copy, `dist/tscompose-launcher-${process.arch}`),
    )
    writeFileSync(join(copy, 'dist/programs/build'), '0123456789abcdef')
  }
  const made = {
    build: ['/bin/sh', ['-c', line.replace('$t', join(copy, 'bin/tscompose'))], {}],
    root: [BIN, ['ps', '-q'], { TSCOMPOSE_ROOT: '/nonexistent' }],
    umask: ['/bin/sh', ['-c', `umask 077; t=${BIN}; ${line}`], {}],
    namespace: ['/usr/bin/unshare', ['--mount', BIN, 'ps', '-q'], {}],
  } as const
  const [file, words, env] = made[what as keyof typeof made]
  const outcome = await run(file, words, warmly(), { env })
  expect(outcome).toEqual({ status: 127, stdout: '', stderr: 'tscompose: node: No such file or directory\n' })
})

test('an engine that is killed before it has begun a command leaves it to a process of its own', async () => {
  const pid = sandbox.enginePid() ?? 0
  process.kill(pid, 'SIGSTOP')
  const asked = run(BIN, ['ps', ...names], { ...sandbox.env, TSCOMPOSE_COLD: '' })
  const path = join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'commands/host.sock')
  const sockets = (): string[] => readFileSync('/proc/net/unix', 'utf8').split('\n')
  try {
    await eventually('it waits', () => sockets().filter(line => line.endsWith(path)).length > 1)
  } finally {
    process.kill(pid, 'SIGKILL')
  }
  expect(await asked).toEqual({ status: 0, stdout: 'host-web-1 running\n', stderr: '' })
})

test('an engine that is killed in the middle of a command is told of, and the command is not begun again', async () => {
  await sandbox.hold()
  await eventually('commands are run', () =>
    existsSync(join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'command.sock')),
  )
  const words = ['exec', '-T', 'web', 'sh', '-c', 'echo >> /begun; echo ready; sleep 1000']
  const lost = await warm(words, { onStart: () => process.kill(sandbox.enginePid() ?? 0, 'SIGKILL') })
  expect(lost).toMatchObject({ status: 1, stdout: 'ready\n' })
  expect(lost.stderr).toContain('EXEC_CUT')
  expect((await cold(['exec', '-T', 'web', 'wc', '-l', '/begun'])).stdout).toBe('1 /begun\n')
  await sandbox.hold()
})
