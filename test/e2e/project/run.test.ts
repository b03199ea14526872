import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { takeInventory, untilNothingIsLeft } from '../harness/inventory.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// One-off containers of a stack whose service web needs a database and a migration.
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write('vars', 'FROM_FILE=file\nBOTH=file\n')
  sandbox.write('.env', 'GIVEN=project\n')
  sandbox.write(
    'compose.yaml',
    `
name: once
services:
  db:
    image: busybox
    command: sleep 600
    stop_signal: KILL
    healthcheck: {test: "true", interval: 100ms}
  migrate:
    image: busybox
    command: "true"
    depends_on: {db: {condition: service_healthy}}
  web:
    image: busybox
    command: sh -c 'echo $$COLOR; exit 4'
    restart: always
    ports: ["127.0.0.1::80"]
    environment: {COLOR: red, BOTH: service}
    labels: {mine: "yes"}
    networks: {default: {aliases: [www]}}
    depends_on: {migrate: {condition: service_completed_successfully}}
  lone: {image: busybox, command: sleep 600, stop_signal: KILL}
  tool: {image: busybox, command: echo tool, profiles: [tools]}
`,
  )
})
afterEach(() => sandbox.ok('down', '-t', '0'))
afterAll(() => sandbox.close())

interface Outcome {
  readonly status: number
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs a command with something to read, in a terminal with `script`, where keys are pressed whenever `after` is written. */
function withInput(
  input: string | Uint8Array,
  words: readonly string[],
  terminal: { readonly after?: string } | undefined = undefined,
): Promise<Outcome> {
  const bin = resolve('bin/tscompose')
  const quoted = [bin, ...words].map(word => `'${word}'`).join(' ')
  const [command, args] = terminal ? ['script', ['-qefc', quoted, '/dev/null']] : [bin, words]
  const child = spawn(command, [...args], { cwd: sandbox.folder, env: sandbox.env })
  const stdout: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (bytes: Buffer) => {
    stdout.push(bytes)
    // Our terminal may not be ready for keys when the first word comes.
    if (terminal?.after !== undefined && bytes.includes(terminal.after)) child.stdin.write(input)
  })
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes
  })
  child.stdin.on('error', () => undefined)
  if (terminal?.after === undefined) child.stdin.end(input)
  return new Promise(settle => {
    child.on('close', code => settle({ status: code ?? -1, stdout: Buffer.concat(stdout), stderr }))
  })
}

interface Row {
  readonly Name: string
  readonly Service: string
  readonly State: string
  readonly Labels: string
}
const rows = async (...args: string[]): Promise<Row[]> =>
  (await sandbox.ok('ps', '--format', 'json', ...args)).stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
const oneOffs = async (): Promise<Row[]> => (await rows('-a')).filter(({ Name }) => Name.includes('-run-'))
const codeOf = async (...args: string[]): Promise<string> => {
  const { status, stderr } = await sandbox.run(...args)
  return status === 0 ? 'accepted' : (/^error ([A-Z_]+)/m.exec(stderr)?.[1] ?? stderr)
}

describe('a command in a container of its own', () => {
  test('has its exit status, its output on both streams, and nothing else on them', async () => {
    const done = await sandbox.run(
      'run',
      '--rm',
      '--quiet',
      'lone',
      'sh',
      '-c',
      'echo out; echo err >&2; exit 7',
    )
    expect(done).toEqual({ status: 7, stdout: 'out\n', stderr: 'err\n' })
    expect(await oneOffs()).toEqual([])
  })

  test('is the service’s own where none is given, of a service that no profile enables too', async () => {
    expect(await sandbox.run('run', '--rm', 'tool')).toMatchObject({ status: 0, stdout: 'tool\n' })
  })

  test('that cannot be begun has the status that a shell gives, and leaves no container', async () => {
    expect((await sandbox.run('run', 'lone', 'nosuch')).status).toBe(127)
    expect((await sandbox.run('run', '--rm', 'lone', '/etc')).status).toBe(126)
    expect(await codeOf('run', 'nosuch', 'true')).toBe('NO_SUCH_SERVICE')
    const blocked = await sandbox.run('run', '--rm', '-w', '/bin/busybox', 'lone', 'true')
    expect(blocked.stderr).toContain('WORKING_DIR_BLOCKED --workdir')
    expect(await codeOf('run', '--pull', 'never', '--build=false', 'lone', 'true')).toBe('accepted')
    await sandbox.ok('rm', '-f', 'lone')
    for (const { Name } of await oneOffs()) expect(Name).toMatch(/^once-lone-run-[0-9a-f]{12}$/)
    expect((await oneOffs()).length).toBe(1)
    await sandbox.ok('down')
    expect(await rows('-a')).toEqual([])
  })

  test('reads what it is given to the byte and writes it back, half of the connection closed', async () => {
    const bytes = randomBytes(8_000_000)
    const { status, stdout } = await withInput(bytes, ['run', '--rm', '-T', 'lone', 'cat'])
    expect(status).toBe(0)
    expect(stdout.equals(bytes)).toBe(true)
    // What it does after the end of its input is heard as well; without input there is none.
    const counted = await withInput('piped\n', ['run', '--rm', 'lone', 'sh', '-c', 'wc -c; echo after'])
    expect(counted.stdout.toString()).toBe('6\nafter\n')
    const deaf = await withInput('piped\n', ['run', '--rm', '-i=false', 'lone', 'wc', '-c'])
    expect(deaf.stdout.toString()).toBe('0\n')
  })

  test('has a terminal where both ends are one, as large as ours, and none otherwise', async () => {
    const words = ['run', '--rm', 'lone', 'sh', '-c', 'test -t 0 && test -t 1 && echo terminal; exit 3']
    const there = await withInput('', words, {})
    expect([there.status, there.stdout.toString()]).toEqual([3, expect.stringMatching(/terminal\r+\n/)])
    const piped = await withInput('', words)
    expect(piped.stdout.toString()).toBe('')
    expect(await codeOf('run', '--rm', '-t', 'lone', 'true')).toBe('NO_TERMINAL')
    expect(await codeOf('run', '-t', '-T', 'lone', 'true')).toBe('FLAG_CONFLICT')
    const forced = await sandbox.ok(
      'run',
      '--rm',
      '-t',
      '--interactive=false',
      'lone',
      'sh',
      '-c',
      'test -t 1 && echo yes',
    )
    expect(forced.stdout).toBe('yes\r\n')
  })

  test('is let go of with the detach keys, and runs on', async () => {
    const words = ['run', '--name', 'once-kept', 'lone', 'sh', '-c', 'while sleep 0.1; do echo beat; done']
    const { status } = await withInput('\x10\x11', words, { after: 'beat' })
    expect(status).toBe(0)
    expect(await rows('-a', '--status', 'running')).toMatchObject([{ Name: 'once-kept' }])
  })
})

test('what the service depends on is brought up and waited for, the service itself is not', async () => {
  const { status, stdout } = await sandbox.run('run', '--rm', 'web')
  expect([status, stdout]).toEqual([4, 'red\n'])
  expect((await rows('-a')).map(({ Name, State }) => `${Name} ${State}`)).toEqual([
    'once-db-1 running',
    'once-migrate-1 exited',
  ])
  await sandbox.ok('down')
  await sandbox.ok('run', '--rm', '--no-deps', 'web', 'true')
  expect(await rows('-a')).toEqual([])
})

test('options change the container and nothing else', async () => {
  const words = [
    '-e',
    'PLAIN=a$b',
    '-e',
    'GIVEN',
    '-e',
    'COLOR',
    '--env-from-file',
    'vars',
    '-u',
    '5:6',
    '-w',
    '/tmp',
  ]
  const env = await sandbox.ok(
    'run',
    '--rm',
    '--no-deps',
    ...words,
    'web',
    'sh',
    '-c',
    'env; pwd; id -u; id -g',
  )
  const lines = env.stdout.split('\n')
  for (const line of ['PLAIN=a$b', 'GIVEN=project', 'FROM_FILE=file', 'BOTH=file', '/tmp', '5', '6'])
    expect(lines).toContain(line)
  expect(env.stdout).not.toContain('COLOR')
  const mounts = ['-v', './vars:/seen:ro', '-v', 'named:/named', '-v', '/anonymous']
  const seen = await sandbox.ok(
    'run',
    '--rm',
    ...mounts,
    'lone',
    'sh',
    '-c',
    'cat /seen; ls -d /anonymous /named',
  )
  expect(seen.stdout).toBe('FROM_FILE=file\nBOTH=file\n/anonymous\n/named\n')
  const entry = await sandbox.ok('run', '--rm', '--entrypoint', 'echo "a b"', 'tool')
  expect(entry.stdout).toBe('a b\n')
  expect((await sandbox.ok('run', '--rm', '--entrypoint', 'echo', 'tool', 'c')).stdout).toBe('c\n')
  const caps = ['--cap-drop', 'ALL', '--cap-add', 'CHOWN']
  const bits = await sandbox.ok('run', '--rm', ...caps, 'lone', 'grep', 'CapEff', '/proc/self/status')
  expect(bits.stdout).toMatch(/CapEff:\s*0000000000000001/)
})

test('wrong words are told before anything is made', async () => {
  expect(await codeOf('run', '-v', 'a:b:c:d:e', 'lone')).not.toBe('accepted')
  expect(await codeOf('run', '-p', 'x:y', 'lone')).not.toBe('accepted')
  expect(await codeOf('run', '-P', '-p', '80', 'web')).toBe('FLAG_CONFLICT')
  expect(await codeOf('run', '--env-from-file', 'nosuch', 'lone')).not.toBe('accepted')
  expect(await codeOf('run')).toBe('ARGUMENT_COUNT')
  expect(await rows('-a')).toEqual([])
})

test('one that is left running has its id printed, Docker Compose’s labels, and no ports', async () => {
  const { stdout } = await sandbox.ok('run', '-d', '--no-deps', '-l', 'mine=too', 'web', 'sleep', '600')
  const id = stdout.trim()
  expect(id).toMatch(/^[0-9a-f]{64}$/)
  const { Name, HostConfig, Config, NetworkSettings } = await inspect(id)
  expect(Name).toMatch(/^\/once-web-run-[0-9a-f]{12}$/)
  const slug = Config.Labels['com.docker.compose.slug'] ?? ''
  expect(slug).toMatch(/^[0-9a-f]{64}$/)
  expect(Name.endsWith(slug.slice(0, 12))).toBe(true)
  expect(Config.Labels).toMatchObject({
    'com.docker.compose.oneoff': 'True',
    'com.docker.compose.project': 'once',
    'com.docker.compose.service': 'web',
    mine: 'too',
  })
  expect(Config.Labels['com.docker.compose.container-number']).toBeUndefined()
  expect([HostConfig.RestartPolicy?.Name ?? 'no', HostConfig.PortBindings ?? {}]).toEqual(['no', {}])
  expect(NetworkSettings.Networks['once_default']?.Aliases).not.toContain('www')
  await sandbox.ok(
    'run',
    '-d',
    '--no-deps',
    '-P',
    '--use-aliases',
    '--name',
    'once-named',
    'web',
    'sleep',
    '600',
  )
  const other = await inspect('once-named')
  expect(Object.keys(other.HostConfig.PortBindings ?? {})).toEqual(['80/tcp'])
  expect(other.NetworkSettings.Networks['once_default']?.Aliases).toEqual(
    expect.arrayContaining(['web', 'www']),
  )
  expect(await codeOf('run', '--name', 'once-named', 'lone', 'true')).not.toBe('accepted')
  expect((await inspect('once-named')).Name).toBe('/once-named')
  // They are left out of ps, up, scale and stop, and go with kill and down.
  expect(await rows()).toEqual([])
  const up = await sandbox.ok('up', '-d', 'lone')
  expect(up.stderr).not.toContain('ORPHAN')
  await sandbox.ok('scale', 'lone=0')
  await sandbox.ok('stop', '-t', '0')
  expect((await rows('-a', 'web')).map(({ State }) => State)).toEqual(['running', 'running'])
  await sandbox.ok('kill', 'web')
  // Those that have ended count as left behind.
  expect((await sandbox.ok('up', '-d', 'lone')).stderr).toContain('ORPHAN_CONTAINERS')
  await sandbox.ok('down')
  expect(await rows('-a')).toEqual([])
})

test('a plan says what would be made, and makes nothing', async () => {
  const { stdout } = await sandbox.ok('--dry-run', 'run', '--rm', 'web')
  expect(stdout).toMatch(/once-db-1[\s\S]*once-web-run-[0-9a-f]{12}/)
  expect(await rows('-a')).toEqual([])
})

describe('signals', () => {
  const started = async (...words: string[]) => {
    const running = sandbox.start('run', '--rm', ...words)
    await eventually('it runs', async () => (await rows('-a', '--status', 'running')).length > 0)
    return running
  }

  test('are passed on, and the status is the command’s', async () => {
    const script = 'trap "echo heard; exit 9" TERM; echo ready; while :; do sleep 0.1; done'
    const running = await started('lone', 'sh', '-c', script)
    await eventually('it listens', async () => running.output.stdout.includes('ready'))
    running.child.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ status: 9, stdout: 'ready\nheard\n' })
    expect(await rows('-a')).toEqual([])
  })

  test('that nobody heeds end it all the same, as they would outside', async () => {
    const running = await started('lone', 'sleep', '600')
    running.child.kill('SIGINT')
    expect((await running.ended).status).toBe(137)
    expect(await rows('-a')).toEqual([])
  })

  test('come the third time as a kill', async () => {
    const running = await started(
      'lone',
      'sh',
      '-c',
      'trap "echo heard" INT; echo ready; while :; do sleep 0.1; done',
    )
    for (const word of ['ready', 'heard', 'heard\nheard']) {
      await eventually(word, async () => running.output.stdout.includes(word))
      running.child.kill('SIGINT')
    }
    expect((await running.ended).status).toBe(137)
    expect(await rows('-a')).toEqual([])
  })

  test('before its start leave nothing of it', async () => {
    sandbox.write(
      'slow.yaml',
      'name: once\nservices:\n  slow:\n    image: busybox\n    command: sleep 600\n    stop_signal: KILL\n    healthcheck: {test: "false", interval: 600s}\n  lone:\n    image: busybox\n    depends_on: {slow: {condition: service_healthy}}\n',
    )
    const running = sandbox.start('-f', 'slow.yaml', 'run', '--rm', 'lone', 'true')
    await eventually('it waits', async () => running.output.stderr.includes('Waiting'))
    running.child.kill('SIGINT')
    expect((await running.ended).status).toBe(130)
    expect((await rows('-a')).map(({ Name }) => Name)).toEqual(['once-slow-1'])
    await sandbox.ok('-f', 'slow.yaml', 'down', '-t', '0')
  })
})

describe('a client that is killed', () => {
  // Our stack does not know the service that is waited for.
  afterEach(() => sandbox.ok('down', '-t', '0', '--remove-orphans'))
  const created = async (): Promise<boolean> => (await oneOffs()).some(({ State }) => State === 'created')
  const begun = async () => {
    sandbox.write(
      'later.yaml',
      'name: once\nservices:\n  slow:\n    image: busybox\n    command: sleep 600\n    stop_signal: KILL\n    healthcheck: {test: "false", interval: 600s}\n  lone:\n    image: busybox\n    depends_on: {slow: {condition: service_healthy}}\n',
    )
    const running = sandbox.start('-f', 'later.yaml', 'run', '-T', 'lone', 'cat')
    await eventually('it is made', created)
    return running
  }

  test('before the start leaves no container behind', async () => {
    const running = await begun()
    running.child.kill('SIGKILL')
    await eventually('it is removed', async () => (await oneOffs()).length === 0)
    await running.ended
  })

  test('together with the engine leaves it to the next one', async () => {
    const running = await begun()
    process.kill(Number(sandbox.enginePid()), 'SIGKILL')
    running.child.kill('SIGKILL')
    await running.ended
    await eventually('it is removed', async () => (await oneOffs()).length === 0)
  })

  test('at any time leaves nothing that reads its input for ever', async () => {
    await sandbox.ok('up', '-d', 'lone')
    const runs = Array.from({ length: 10 }, () => sandbox.start('run', '--rm', '-i', 'lone', 'cat'))
    // Whichever is first: the others are somewhere on their way.
    await eventually('one runs', async () => (await oneOffs()).length > 0)
    for (const { child } of runs) child.kill('SIGKILL')
    await Promise.all(runs.map(({ ended }) => ended))
    await eventually('none is left', async () => (await oneOffs()).length === 0)
  })
})

test('an engine that is killed does not end it, nor costs a byte of its output', async () => {
  const script =
    'i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo line $i; echo err $i >&2; sleep 0.03; done; exit 6'
  const running = sandbox.start('run', '--rm', '--quiet', 'lone', 'sh', '-c', script)
  for (const count of [10, 30]) {
    await eventually(`${count} lines`, async () => running.output.stdout.includes(`line ${count}\n`))
    process.kill(Number(sandbox.enginePid()), 'SIGKILL')
  }
  const lines = (word: string): string =>
    Array.from({ length: 60 }, (_, index) => `${word} ${index + 1}\n`).join('')
  expect(await running.ended).toEqual({ status: 6, stdout: lines('line'), stderr: lines('err') })
  expect(await rows('-a')).toEqual([])
})

test('a command that ends while no engine is there tells its exit status and its last words', async () => {
  sandbox.write('gate', '')
  const script = 'echo begun; while [ ! -s /gate ]; do sleep 0.05; done; echo done; exit 11'
  const words = ['--rm', '--quiet', '-v', './gate:/gate', 'lone', 'sh', '-c', script]
  const running = sandbox.start('run', ...words)
  await eventually('it runs', async () => running.output.stdout.includes('begun'))
  const [{ Name } = { Name: '' }] = await oneOffs()
  const init = await initOf(Name)
  // Stopped, it starts no engine before the command has ended.
  running.child.kill('SIGSTOP')
  process.kill(Number(sandbox.enginePid()), 'SIGKILL')
  sandbox.write('gate', 'open')
  await eventually('it has ended', async () => !existsSync(`/proc/${init}`))
  running.child.kill('SIGCONT')
  expect(await running.ended).toEqual({ status: 11, stdout: 'begun\ndone\n', stderr: '' })
  await eventually('it is removed', async () => (await rows('-a')).length === 0)
})

test('forty at once each have their own output, beside ten that are killed, and nothing is left', async () => {
  const killed = Array.from({ length: 10 }, () => {
    const words = ['run', '--rm', '-T', 'lone', 'cat']
    return spawn(resolve('bin/tscompose'), words, { cwd: sandbox.folder, env: sandbox.env, stdio: 'pipe' })
  })
  const numbers = Array.from({ length: 40 }, (_, index) => index)
  const running = Promise.all(
    numbers.map(number =>
      withInput(`${number} `.repeat(20_000), [
        'run',
        '--rm',
        '-T',
        '--quiet',
        'lone',
        'sh',
        '-c',
        `cat; exit ${number}`,
      ]),
    ),
  )
  await eventually('one runs', async () => (await oneOffs()).length > 0)
  // A record may go while it is read.
  await eventually('stock is taken', () => takeInventory(sandbox.env))
  for (const child of killed) child.kill('SIGKILL')
  const results = await running
  for (const number of numbers)
    expect(results[number]).toEqual({
      status: number,
      stdout: Buffer.from(`${number} `.repeat(20_000)),
      stderr: '',
    })
  await eventually('none is left', async () => (await rows('-a')).length === 0)
  await sandbox.ok('down')
  await untilNothingIsLeft(sandbox.env)
})

describe('attach', () => {
  test('shows what is written from now on, gives it input, and has its exit status', async () => {
    sandbox.write(
      'talk.yaml',
      "name: talk\nservices:\n  echo:\n    image: busybox\n    command: sh -c 'while read line; do echo got $$line; test $$line = end && exit 5; done'\n    stdin_open: true\n  term: {image: busybox, command: sh -c 'while sleep 0.1; do echo beat; done', stop_signal: KILL, tty: true, stdin_open: true}\n  beats: {image: busybox, command: sh -c 'while sleep 0.1; do echo beat; done', stop_signal: KILL}\n",
    )
    const talk = (...words: string[]): string[] => ['-f', 'talk.yaml', ...words]
    await sandbox.ok(...talk('up', '-d'))
    const { status, stdout } = await withInput('one\nend\n', talk('attach', 'echo'))
    expect([status, stdout.toString()]).toEqual([5, 'got one\ngot end\n'])
    const left = await withInput('\x18q', talk('attach', '--detach-keys', 'ctrl-x,q', 'term'), {
      after: 'beat',
    })
    expect(left.status).toBe(0)
    expect((await sandbox.ok(...talk('ps', '-q', 'term'))).stdout).not.toBe('')
    const watching = sandbox.start(...talk('attach', '--no-stdin', '--sig-proxy=false', 'beats'))
    await eventually('it is attached', () => watching.output.stdout.includes('beat'))
    await sandbox.ok(...talk('kill', 'beats'))
    expect((await watching.ended).status).toBe(137)
    expect(await codeOf(...talk('attach', 'beats'))).toBe('SERVICE_NOT_RUNNING')
    expect(await codeOf(...talk('attach', 'nosuch'))).toBe('NO_SUCH_SERVICE')
    expect(await codeOf(...talk('attach', '--index', '2', 'term'))).toBe('SERVICE_NOT_RUNNING')
    await sandbox.ok(...talk('down', '-t', '0'))
  })
})

async function initOf(name: string): Promise<number> {
  const { Docker } = await import('../../../src/client/index.ts')
  const docker = new Docker({ socketPath: sandbox.socket })
  const { State } = await docker.getContainer(name).inspect()
  docker.modem.destroy()
  return State.Pid
}

/** What the engine says of a container; it stays up while one runs. */
async function inspect(name: string) {
  const { Docker } = await import('../../../src/client/index.ts')
  const docker = new Docker({ socketPath: sandbox.socket })
  const { Name, HostConfig, Config, NetworkSettings } = await docker.getContainer(name).inspect()
  docker.modem.destroy()
  return { Name, HostConfig, Config: { ...Config, Labels: Config.Labels ?? {} }, NetworkSettings }
}
