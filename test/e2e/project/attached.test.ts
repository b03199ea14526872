import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Result, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

// `up` without -d, as a person has it: on a terminal, with Ctrl-C; and as CI has it: in a pipe, for its exit status.
let sandbox: Sandbox
const terminals: ChildProcess[] = []

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
})
afterEach(async () => {
  for (const child of terminals.splice(0)) child.kill('SIGKILL')
  await sandbox.run('down', '-t', '0', '-v')
})
afterAll(() => sandbox.close())

const compose = (services: string): void => sandbox.write('compose.yaml', `name: att\nservices:\n${services}`)
const loop = 'while true; do sleep 0.1; done'

interface Row {
  Name: string
  State: string
  ExitCode: number
}
const states = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await sandbox.ok('ps', '-a', '--format', 'json')).stdout
      .trim()
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Row)
      .map(({ Name, State, ExitCode }) => [Name, State === 'exited' ? `exited ${ExitCode}` : State]),
  )

interface Terminal {
  readonly child: ChildProcess
  /** All that was shown so far. */
  text(): string
  press(key: string): void
  readonly ended: Promise<number>
}

/** Runs `tscompose` on a terminal of its own, 100 columns wide; its status is that of `script`. */
function onTerminal(...args: string[]): Terminal {
  const command = ['stty cols 100 rows 30 && exec', process.execPath, resolve('bin/tscompose'), ...args].join(
    ' ',
  )
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: sandbox.folder,
    env: { ...sandbox.env, SHELL: '/bin/sh', TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  terminals.push(child)
  let shown = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    shown += text
  })
  return {
    child,
    text: () => shown,
    press: key => void child.stdin?.write(key),
    ended: new Promise(settle => child.on('close', code => settle(code ?? 128))),
  }
}

const CTRL_C = '\x03'

test('the first Ctrl-C stops in peace, shows the last words, and returns 130', async () => {
  showLogOnFailure(sandbox)
  compose(`
  a: {image: busybox, command: "sh -c 'trap \\"echo bye-a; exit 0\\" TERM; echo hello-a; ${loop}'"}
  longer: {image: busybox, command: "sh -c 'trap \\"echo bye-b; exit 3\\" TERM; echo hello-b; ${loop}'"}
`)
  const terminal = onTerminal('up')
  await eventually(
    'both have spoken',
    () => /hello-a/.test(terminal.text()) && /hello-b/.test(terminal.text()),
  )
  await eventually('both run', async () => Object.values(await states()).every(state => state === 'running'))
  terminal.press(CTRL_C)
  expect(await terminal.ended).toBe(130)
  const text = terminal.text()
  expect(text).toContain('Attaching to a-1, longer-1')
  // Aligned, each name in its colour; the last line stands before the word that it ended.
  expect(text).toMatch(/\x1b\[36ma-1 {6} \| .*hello-a[\s\S]*bye-a[\s\S]*a-1 exited with code 0/)
  expect(text).toMatch(/\x1b\[33mlonger-1 {2}\| .*hello-b[\s\S]*bye-b[\s\S]*longer-1 exited with code 3/)
  // Nothing is drawn over once logs are printed.
  expect(text.slice(text.indexOf('hello-a'))).not.toContain('\x1b[1A')
  expect(await states()).toEqual({ 'att-a-1': 'exited 0', 'att-longer-1': 'exited 3' })
})

test('the second Ctrl-C kills at once', async () => {
  compose(`
  deaf: {image: busybox, stop_grace_period: 1h, command: "sh -c 'trap \\"echo no\\" TERM; echo hello; ${loop}'"}
`)
  const terminal = onTerminal('up')
  await eventually('it has spoken', () => terminal.text().includes('hello'))
  terminal.press(CTRL_C)
  await eventually('it has refused to stop', () => /no\r?\n/.test(terminal.text()))
  terminal.press(CTRL_C)
  expect(await terminal.ended).toBe(130)
  expect(await states()).toEqual({ 'att-deaf-1': 'exited 137' })
})

test('Ctrl-C while a dependency is waited for stops what was started', async () => {
  compose(`
  db: {image: busybox, command: "sh -c 'echo up; ${loop}'", stop_grace_period: 1s, healthcheck: {test: "false", interval: 1s, retries: 1000}}
  web: {image: busybox, command: sleep 1000, depends_on: {db: {condition: service_healthy}}}
`)
  const terminal = onTerminal('up')
  await eventually(
    'the dependency is waited for',
    () => /Waiting/.test(terminal.text()) && /up\r?\n/.test(terminal.text()),
  )
  terminal.press(CTRL_C)
  expect(await terminal.ended).toBe(130)
  expect(await states()).toEqual({ 'att-db-1': expect.stringContaining('exited'), 'att-web-1': 'created' })
})

test('ends by itself when all have ended, and loses no line', async () => {
  compose(`
  a: {image: busybox, command: "sh -c 'seq 1 2000; printf end-of-a'"}
  b: {image: busybox, command: "sh -c 'echo to-stderr >&2; exit 4'"}
`)
  const result = await sandbox.run('up')
  expect(result.stdout).toMatch(/^Attaching to /)
  expect(result.status).toBe(0)
  const lines = result.stdout.split('\n').filter(line => line.startsWith('a-1  | '))
  expect(lines.map(line => line.slice('a-1  | '.length))).toEqual([
    ...Array.from({ length: 2000 }, (_, index) => String(index + 1)),
    'end-of-a',
  ])
  expect(result.stderr).toContain('b-1  | to-stderr')
  expect(result.stdout).toContain('b-1 exited with code 4')
})

/** `web` goes on until it is asked, the others end once it listens to that: `ok` at once, `bad` where it is told to. */
const THREE = `
  web: {image: busybox, volumes: ["./state:/state"], command: "sh -c 'trap \\"exit 9\\" TERM; touch /state/web; ${loop}'"}
  ok: {image: busybox, volumes: ["./state:/state"], command: "sh -c 'until [ -e /state/web ]; do sleep 0.05; done'"}
  bad: {image: busybox, volumes: ["./state:/state"], command: "sh -c 'until [ -e /state/web -a -e /state/fail ]; do sleep 0.05; done; exit 5'"}
`

test.each([
  [['--abort-on-container-exit'], 0],
  [['--abort-on-container-failure'], 5],
  [['--exit-code-from', 'web'], 9],
  [['--exit-code-from', 'ok'], 0],
] as const)('%j stops the rest and returns the right status', async (flags, status) => {
  compose(THREE)
  rmSync(join(sandbox.folder, 'state'), { recursive: true, force: true })
  mkdirSync(join(sandbox.folder, 'state'))
  if (status === 5) sandbox.write('state/fail', '')
  expect((await sandbox.run('up', ...flags)).status).toBe(status)
  expect(Object.values(await states())).not.toContain('running')
})

test('a service that is not there is told before anything is done', async () => {
  compose(THREE)
  const result: Result = await sandbox.run('up', '--exit-code-from', 'nobody')
  expect(result.status).toBe(1)
  expect(result.stderr).toContain('NO_SUCH_SERVICE')
  expect(await states()).toEqual({})
})

test('restarts by policy and by hand are followed, no line twice', async () => {
  sandbox.write('state/count', '0\n')
  compose(`
  flaky:
    image: busybox
    restart: on-failure
    volumes: ["./state:/state"]
    command: "sh -c 'n=$$(cat /state/count); echo $$((n + 1)) > /state/count; echo run-$$n; test $$n -lt 2 && exit 1; trap \\"exit 0\\" TERM; ${loop}'"
  other: {image: busybox, command: sleep 1000}
`)
  const up = sandbox.start('up')
  await eventually('it stays up at its third try', () => up.output.stdout.includes('run-2'))
  await sandbox.ok('restart', '-t', '5', 'flaky')
  await eventually('it was started by hand', () => up.output.stdout.includes('run-3'))
  up.child.kill('SIGINT')
  expect((await up.ended).status).toBe(130)
  const { stdout } = up.output
  for (const run of ['run-0', 'run-1', 'run-2', 'run-3']) expect(stdout.split(run)).toHaveLength(2)
  expect(stdout.match(/exited with code 1 \(restarting\)/g)).toHaveLength(2)
})

test('an engine that is killed is started anew, and the logs go on', async () => {
  compose(`
  beat: {image: busybox, command: "sh -c 'trap \\"exit 0\\" TERM; n=0; while true; do n=$$((n + 1)); echo beat-$$n; sleep 0.1; done'"}
`)
  const up = sandbox.start('up')
  await eventually('it beats', () => up.output.stdout.includes('beat-5\n'))
  const pid = sandbox.enginePid()
  if (pid === undefined) throw new Error('no engine runs')
  process.kill(pid, 'SIGKILL')
  const seen = (): number => Number(/beat-(\d+)\n$/.exec(up.output.stdout)?.[1] ?? 0)
  const before = seen()
  await eventually('it is heard again', () => seen() > before + 10)
  expect(sandbox.enginePid()).not.toBe(pid)
  up.child.kill('SIGINT')
  expect((await up.ended).status).toBe(130)
  expect(await states()).toEqual({ 'att-beat-1': 'exited 0' })
})

test('an engine is killed while one waits for its restart: no line is lost, and Ctrl-C beside a dead engine stops all', async () => {
  compose(`
  beat: {image: busybox, restart: always, command: "sh -c 'trap \\"exit 0\\" TERM; n=0; while true; do n=$$((n + 1)); echo beat-$$n; sleep 0.02; done'"}
  flaky: {image: busybox, restart: "on-failure:4", command: "sh -c 'seq 1 100; exit 1'"}
`)
  const up = sandbox.start('up')
  const kill = (): boolean => process.kill(sandbox.enginePid() ?? Number.NaN, 'SIGKILL')
  const exits = (): number => up.output.stdout.match(/flaky-1 exited/g)?.length ?? 0
  const beats = (): number[] =>
    [...up.output.stdout.matchAll(/beat-(\d+)\n/g)].map(([, number]) => Number(number))
  // After the fourth exit it waits for most of a second.
  await eventually('it waits for its last restart', () => exits() >= 4)
  kill()
  const before = beats().length
  await eventually('it has ended', () => /flaky-1 exited with code 1\n/.test(up.output.stdout))
  await eventually('the other goes on', () => beats().length > before + 10)
  expect(up.output.stdout.match(/flaky-1 +\| \d+\n/g)).toHaveLength(500)
  kill()
  up.child.kill('SIGINT')
  expect((await up.ended).status).toBe(130)
  expect(beats()).toEqual(beats().map((_, index) => index + 1))
  expect(await states()).toEqual({ 'att-beat-1': 'exited 0', 'att-flaky-1': 'exited 1' })
})

test('one that waits for its restart has not ended', async () => {
  compose(`
  once: {image: busybox, command: sleep 1.1}
  flaky: {image: busybox, restart: "on-failure:4", command: "sh -c 'exit 2'"}
`)
  expect((await sandbox.run('up')).stdout).toMatch(/flaky-1 exited with code 2\n/)
})

test('ps, logs and exec of a killed engine start a new one, which knows everything', async () => {
  compose(`
  web: {image: busybox, command: "sh -c 'echo hello; ${loop}'", stop_grace_period: 0s}
`)
  await sandbox.ok('up', '-d')
  const commands = [
    { args: ['ps', '--format', 'json'], shows: '"State":"running"' },
    { args: ['logs'], shows: 'web-1  | hello' },
    { args: ['exec', '-T', 'web', 'echo', 'inside'], shows: 'inside' },
  ]
  for (const { args, shows } of commands) {
    const pid = sandbox.enginePid()
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    expect((await sandbox.ok(...args)).stdout).toContain(shows)
  }
})

test('exec tells that the engine has gone while its command ran', async () => {
  compose('  web: {image: busybox, command: sleep 600, stop_signal: KILL}\n')
  await sandbox.ok('up', '-d')
  for (const hasNext of [false, true]) {
    // Started by who is not stopped below, and can bury it.
    await sandbox.ok('ps')
    const exec = sandbox.start('exec', '-T', 'web', 'sh', '-c', 'echo here; sleep 600')
    await eventually('it runs', () => exec.output.stdout === 'here\n')
    // Who asks how it ended may meet no engine, or the next one.
    if (hasNext) exec.child.kill('SIGSTOP')
    await sandbox.killEngine()
    if (hasNext) await sandbox.ok('ps')
    exec.child.kill('SIGCONT')
    await exec.ended
    expect(exec.output.stderr).toContain('EXEC_CUT')
  }
})

test('a volume that differs is asked for on a terminal, and left alone elsewhere', async () => {
  const withLabel = (value: string): void =>
    compose(`
  web: {image: busybox, command: sleep 1000, volumes: ["data:/data"]}
volumes: {data: {labels: {v: "${value}"}}}
`)
  const content = async (): Promise<string> =>
    (await sandbox.run('exec', '-T', 'web', 'cat', '/data/file')).stdout
  withLabel('1')
  await sandbox.ok('up', '-d')
  await sandbox.ok('exec', '-T', 'web', 'sh', '-c', 'echo kept > /data/file')
  withLabel('2')
  const piped = await sandbox.ok('up', '-d')
  expect(piped.stderr).toContain('VOLUME_DIVERGED')
  const planned = await sandbox.ok('plan')
  expect(planned.stderr).toContain('VOLUME_DIVERGED')
  expect(planned.stdout).not.toContain('what runs is what the file describes')
  const refused = onTerminal('up', '-d')
  await eventually('it asks', () => refused.text().includes('[y/N]'))
  refused.press('\n')
  expect(await refused.ended).toBe(0)
  expect(await content()).toBe('kept\n')
  const left = onTerminal('up', '-d')
  await eventually('it asks', () => left.text().includes('[y/N]'))
  left.press(CTRL_C)
  expect(await left.ended).toBe(130)
  expect(await content()).toBe('kept\n')
  const agreed = onTerminal('up', '-d')
  await eventually('it asks', () => agreed.text().includes('[y/N]'))
  agreed.press('y\n')
  expect(await agreed.ended).toBe(0)
  expect(await content()).toBe('')
  expect((await sandbox.ok('up', '-d')).stderr).not.toContain('VOLUME_DIVERGED')
})

test('up --wait shows what it waits for, and gives up on what keeps crashing', async () => {
  compose(`
  good: {image: busybox, command: sleep 1000, healthcheck: {test: "true", interval: 1s, start_interval: 100ms, start_period: 5s}}
`)
  expect((await sandbox.ok('up', '-d', '--wait')).stderr).toMatch(/att-good-1 {2}Healthy/)
  compose(`
  crash: {image: busybox, restart: always, command: "sh -c 'echo going down; exit 3'", healthcheck: {test: "true"}}
`)
  const { status, stderr } = await sandbox.run('up', '-d', '--wait')
  expect(status).toBe(1)
  expect(stderr).toContain('CONTAINER_RESTARTING')
  expect(stderr).toContain('last exit code 3')
  expect(stderr).toContain('going down')
})

test('exec -T hands over all of its input and all of the output, which is more', async () => {
  compose('  x: {image: busybox, command: sleep 1000}\n')
  await sandbox.ok('up', '-d')
  const input = Buffer.alloc(3_000_000, 'more comes out than goes in\n')
  const args = [resolve('bin/tscompose'), 'exec', '-T', 'x', 'od', '-v']
  const child = spawn(process.execPath, args, { cwd: sandbox.folder, env: sandbox.env })
  child.stdin.end(input)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const status = await new Promise(settle => child.on('close', settle))
  const expected = spawnSync('/bin/busybox', ['od', '-v'], { input, maxBuffer: 1 << 26 }).stdout
  expect([status, Buffer.concat(chunks).equals(expected)]).toEqual([0, true])
})

test('Ctrl-C while up waits for health is an interruption, and no failure of its own', async () => {
  compose(`  never: {image: busybox, command: sh -c '${loop}', stop_signal: KILL,
    healthcheck: {test: [CMD, "false"], interval: 1h, start_period: 1h}}\n`)
  const up = sandbox.start('up', '-d', '--wait')
  await eventually('it runs', async () => (await states())['att-never-1'] === 'running')
  up.child.kill('SIGINT')
  const { status, stderr } = await up.ended
  expect(status).toBe(130)
  expect(stderr).not.toContain('INTERRUPTED')
})
