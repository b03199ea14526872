import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'

// An engine that is killed takes the threads along in which it runs commands: the launcher goes on by itself, as cold commands do that
// are their own processes. Who starts Node is counted by the `node` that is found first.
const BIN = resolve('bin/tscompose')

let sandbox: Sandbox
let starts: string

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  starts = join(sandbox.folder, '../starts')
  const programs = join(sandbox.folder, '../programs')
  mkdirSync(programs)
  const node = `#!/bin/sh\necho >> ${starts}\nexec ${process.execPath} "$@"\n`
  writeFileSync(join(programs, 'node'), node, { mode: 0o755 })
  sandbox.write(
    'compose.yaml',
    `name: lost
services:
  first: {image: busybox, command: sleep 100000, init: true, stop_grace_period: 1s}
  second: {image: busybox, command: sleep 100000, init: true, stop_grace_period: 1s, depends_on: [first]}
  built:
    profiles: [tool]
    build:
      dockerfile_inline: |
        FROM busybox
        RUN echo one > /one
        RUN sleep 0.3; echo two > /two
  talks:
    profiles: [tool]
    image: busybox
    init: true
    command: sh -c 'seq 20000; seq 20000 >&2; sleep 0.5; seq 20000 30000; exit 7'
  to-end: {profiles: [tool], image: busybox, init: true, command: sh -c 'cat; echo ready; sleep 1; echo end; exit 5'}
  reads: {profiles: [tool], image: busybox, init: true, command: sh -c 'sleep 0.5; echo ready; cat; echo end; exit 5'}
  reads-not: {profiles: [tool], image: busybox, init: true, command: sh -c 'sleep 0.5; echo ready; sleep 1; echo end; exit 5'}
  waits: {profiles: [tool], image: busybox, depends_on: [first]}
  a-part: {profiles: [tool], image: busybox, init: true, command: sh -c 'read a; echo ready; sleep 1; echo still; sleep 1; echo end; exit 5'}
  a-line: {profiles: [tool], image: busybox, init: true, command: sh -c 'read a; echo ready; sleep 1; echo end; exit 5'}
`,
  )
})
afterAll(() => sandbox.close())

beforeEach(async () => {
  await hold()
  rmSync(starts, { force: true })
})

/** An engine that runs commands. */
async function hold(): Promise<void> {
  // It starts one where none is.
  await sandbox.ok('image', 'ls', '-q')
  await sandbox.hold()
  const socket = join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'command.sock')
  await eventually('commands are run', () => existsSync(socket))
}

interface Outcome {
  readonly status: number | string
  readonly stdout: string
  readonly stderr: string
  /** Whether the engine was killed meanwhile. */
  readonly killed: boolean
}

interface Given {
  /** Whether the engine is to be killed, by what was written so far. */
  readonly when: (stdout: string, stderr: string) => boolean
  readonly input?: string
  /** The input does not end. */
  readonly isOpen?: boolean
  /** What is given of the input when the engine is dead, and its end; `behind` which output. */
  readonly late?: string
  readonly behind?: string
  readonly cold?: boolean
}

/** Runs a command, and kills the engine in the middle of it. */
async function run(
  words: readonly string[],
  { when, input = '', isOpen = false, late, behind = '', cold = false }: Given,
): Promise<Outcome> {
  const PATH = cold ? sandbox.env['PATH'] : `${join(sandbox.folder, '../programs')}:${sandbox.env['PATH']}`
  const env = { ...sandbox.env, PATH, TSCOMPOSE_COLD: cold ? '1' : '' }
  const child = spawn(BIN, words, { cwd: sandbox.folder, env })
  const written = { stdout: '', stderr: '' }
  let killed = false
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('latin1').on('data', (text: string) => {
      written[name] += text
      const pid = killed || !when(written.stdout, written.stderr) ? undefined : sandbox.enginePid()
      if (pid === undefined) return
      killed = process.kill(pid, 'SIGKILL')
      const next = (): boolean =>
        ![undefined, pid].includes(sandbox.enginePid()) && written.stdout.includes(behind)
      if (late !== undefined) void eventually('there is another', next).then(() => child.stdin.end(late))
    })
  child.stdin.on('error', () => undefined)
  child.stdin.write(input)
  if (!isOpen && late === undefined) child.stdin.end()
  const status = await new Promise<number | string>(settle =>
    child.on('close', (code, signal) => settle(code ?? signal ?? '')),
  )
  child.stdin.destroy()
  return { status, ...written, killed }
}

const nodeStarts = (): number => (existsSync(starts) ? readFileSync(starts, 'utf8').length : 0)
const lines = (text: string): number => text.split('\n').length - 1
const running = async (): Promise<string[]> =>
  (await sandbox.ok('ps', '--format', '{{.Service}}')).stdout.trim().split('\n').filter(Boolean).sort()

/** Does something again and again, with the engine killed at each line of its progress. */
async function atEachLine(
  words: readonly string[],
  check: () => Promise<void>,
  cold: boolean = false,
): Promise<void> {
  for (let line = 1; ; line += 1) {
    await hold()
    rmSync(starts, { force: true })
    const given: Given = { when: (_stdout, stderr) => lines(stderr) >= line, cold }
    const outcome = await run(['--progress', 'plain', ...words], given)
    expect(outcome, `killed at line ${line}`).toMatchObject({ status: 0 })
    await check()
    if (!outcome.killed) break
    expect(line, 'it ends by itself once').toBeLessThan(40)
  }
}

test('up gets there, at whatever line of its progress the engine is killed', async () => {
  await atEachLine(['up', '-d'], async () => {
    expect(await running()).toEqual(['first', 'second'])
    await sandbox.ok('down')
  })
})

test('down gets there, at whatever line of its progress the engine is killed', async () => {
  await sandbox.ok('up', '-d')
  await atEachLine(['down', '-t', '0'], async () => {
    expect((await sandbox.ok('ps', '--all', '-q')).stdout).toBe('')
    await sandbox.ok('up', '-d')
  })
  await sandbox.ok('down', '-t', '0')
})

test('a build whose engine is killed in the middle of a step is made all the same', async () => {
  await atEachLine(['build', '--no-cache', 'built'], async () => {
    const { stdout } = await sandbox.ok('run', '--rm', '-T', 'built', 'cat', '/one', '/two')
    expect(stdout).toBe('one\ntwo\n')
  })
})

test.each([
  ['run by the engine', false],
  ['of a process of its own', true],
])('restart and stop, %s, get there, at whatever line of their progress the engine is killed', async (_name, cold) => {
  await sandbox.ok('up', '-d')
  for (const [words, left] of [
    [
      ['restart', '-t', '0'],
      ['first', 'second'],
    ],
    [['stop', '-t', '0'], []],
  ] as const)
    await atEachLine(
      words,
      async () => {
        expect(await running()).toEqual(left)
        await sandbox.ok('start')
      },
      cold,
    )
  await sandbox.ok('down', '-t', '0')
})

test('a process of its own builds, and runs a container, with the next engine as well', async () => {
  const words = ['--progress', 'plain', 'build', '--no-cache', 'built']
  const when = (_stdout: string, stderr: string): boolean => stderr.includes('two')
  expect(await run(words, { when, cold: true })).toMatchObject({ status: 0, killed: true })
  await hold()
  const ran = ['--progress', 'plain', 'run', '--rm', '-T', 'waits', 'echo', 'ran']
  const begun = (_stdout: string, stderr: string): boolean => stderr.includes('first-1  Started')
  expect(await run(ran, { when: begun, cold: true })).toMatchObject({
    status: 0,
    stdout: 'ran\n',
    killed: true,
  })
  expect((await sandbox.ok('ps', '--all', '-q', 'waits')).stdout).toBe('')
  await sandbox.ok('down', '-t', '0')
})

test('who is run by the host has no Node until its engine is lost', async () => {
  const words = ['run', '--rm', '-T', '--quiet', 'to-end']
  const outcome = await run(words, { when: () => false, input: 'given\n' })
  expect(outcome).toEqual({ status: 5, stdout: 'given\nready\nend\n', stderr: '', killed: false })
  expect(nodeStarts()).toBe(0)
  await run(words, { when: stdout => stdout.includes('ready'), input: 'given\n' })
  expect(nodeStarts()).toBe(1)
})

/** `seq FROM TO`. */
const seq = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_value, index) => `${from + index}\n`).join('')

/** Where two long texts part, in a few words. */
function firstDifference(found: string, expected: string): string {
  if (found === expected) return ''
  let at = 0
  while (found[at] === expected[at]) at += 1
  const near = (text: string): string => JSON.stringify(text.slice(at, at + 20))
  return `at ${at} of ${expected.length}: ${near(found)} for ${near(expected)}, ${found.length} in all`
}

test.each([
  1, 5_000, 65_536, 108_894, 120_000, 170_000,
])('a container of its own goes on to its end, to the byte, where the engine is lost behind byte %d', async bytes => {
  const when = (stdout: string, stderr: string): boolean => stdout.length + stderr.length >= bytes
  const outcome = await run(['run', '--rm', '-T', '--interactive=false', '--quiet', 'talks'], { when })
  const expected = { stdout: seq(1, 20_000) + seq(20_000, 30_000), stderr: seq(1, 20_000) }
  for (const name of ['stdout', 'stderr'] as const)
    expect(firstDifference(outcome[name], expected[name]), outcome.stderr.slice(-300)).toBe('')
  expect(outcome).toMatchObject({ status: 7, killed: true })
  expect((await sandbox.ok('ps', '--all', '-q', 'talks')).stdout).toBe('')
})

test.each([
  ['whose input has ended', 'to-end'],
  ['whose input is open', 'a-line'],
])('a container %s ends as it does for a process of its own', async (_name, service) => {
  const words = ['run', '--rm', '-T', '--quiet', service]
  const isOpen = service === 'a-line'
  const given: Given = { when: stdout => stdout.includes('ready'), input: 'some\n', isOpen }
  const cold = await run(words, { ...given, cold: true })
  await hold()
  const warm = await run(words, given)
  const withoutId = ({ stderr, ...rest }: Outcome): object => ({
    ...rest,
    stderr: stderr.replace(/container \w{12}/, 'container'),
  })
  expect(withoutId(warm)).toEqual(withoutId(cold))
  expect(warm).toMatchObject({ killed: true, status: isOpen ? 1 : 5 })
})

test.each([
  ['is given it all', 'reads', 'late\n', 'late\n'],
  ['is given its end', 'reads', '', ''],
  ['that reads none of it ends well', 'reads-not', '', ''],
  ['that ends in the middle of it ends well', 'reads-not', 'x'.repeat(5_000_000), ''],
])('a container whose engine is lost before there was any input %s', async (_name, service, late, read) => {
  const words = ['run', '--rm', '-T', '--quiet', service]
  for (const cold of [true, false]) {
    await hold()
    const outcome = await run(words, { when: stdout => stdout.includes('ready'), late, cold })
    const expected = { status: 5, stdout: `ready\n${read}end\n`, stderr: '', killed: true }
    expect(outcome, cold ? 'cold' : 'warm').toEqual(expected)
  }
})

test('a container whose engine is lost in the middle of its input ends as it does, and that input was cut is told', async () => {
  for (const cold of [true, false]) {
    await hold()
    const when = (stdout: string): boolean => stdout.includes('ready')
    const given: Given = { when, input: 'some\n', late: 'more\n', behind: 'still', cold }
    const outcome = await run(['run', '--rm', '-T', '--quiet', 'a-part'], given)
    expect(outcome, cold ? 'cold' : 'warm').toMatchObject({
      ...{ status: 1, stdout: 'ready\nstill\nend\n', killed: true },
      stderr: expect.stringMatching(/^error INPUT_CUT .*\(it ended with 5\)\n.*\n$/),
    })
  }
})

test('who is attached to a container hears how it ends', async () => {
  sandbox.write(
    'attached.yaml',
    `name: attached
services:
  it: {image: busybox, init: true, stdin_open: true, command: sh -c 'read a; echo "got $$a"; cat; echo over; sleep 1; exit 4'}
`,
  )
  const words = ['-f', 'attached.yaml', 'attach', 'it']
  await sandbox.ok('-f', 'attached.yaml', 'up', '-d')
  const input = 'one\ntwo\n'
  const outcome = await run(words, { when: stdout => stdout.includes('over'), input })
  expect(outcome).toEqual({ status: 4, stdout: 'got one\ntwo\nover\n', stderr: '', killed: true })
  await sandbox.ok('-f', 'attached.yaml', 'down', '-t', '0')
  for (const cold of [true, false]) {
    await hold()
    await sandbox.ok('-f', 'attached.yaml', 'up', '-d')
    const given: Given = { when: stdout => stdout.includes('one'), input: 'one\n', isOpen: true, cold }
    expect(await run(words, given), cold ? 'cold' : 'warm').toMatchObject({
      ...{ status: 1, stdout: 'got one\n', killed: true },
      stderr: expect.stringMatching(/^error INPUT_CUT .*\(it runs on\)\n.*\n$/),
    })
    expect((await sandbox.ok('-f', 'attached.yaml', 'ps', '-q')).stdout).not.toBe('')
    await sandbox.ok('-f', 'attached.yaml', 'down', '-t', '0')
  }
})

test.each([
  [
    'a command that is given its input',
    ['exec', '-T', 'first', 'sh', '-c', 'echo ready; cat > /dev/null'],
    'EXEC_CUT',
  ],
  ['an archive that is still to come', ['cp', '-', 'first:/tmp'], 'ENGINE_LOST'],
])('%s is told of as by a process of its own', async (_name, words, code) => {
  await sandbox.ok('up', '-d', 'first')
  const input = 'x'.repeat(300_000)
  const when = (stdout: string, stderr: string): boolean =>
    stdout.includes('ready') || stderr.includes('Copying')
  const outcomes = []
  for (const cold of [true, false]) {
    await hold()
    outcomes.push(await run(words, { when, input, isOpen: true, cold }))
  }
  expect(outcomes[0]).toEqual(outcomes[1])
  expect(outcomes[0]).toMatchObject({ status: 1, killed: true })
  expect(outcomes[0]?.stderr).toContain(code)
  await sandbox.ok('down', '-t', '0')
})

test('a command in a container is told of as by a process of its own, and is not begun again', async () => {
  await sandbox.ok('up', '-d', 'first')
  const words = ['exec', '-T', 'first', 'sh', '-c', 'echo >> /begun; echo ready; sleep 1000']
  const given: Given = { when: stdout => stdout.includes('ready') }
  const cold = await run(words, { ...given, cold: true })
  await hold()
  const warm = await run(words, given)
  expect(warm).toEqual(cold)
  expect(warm).toMatchObject({ status: 1, stdout: 'ready\n', killed: true })
  expect((await sandbox.ok('exec', '-T', 'first', 'wc', '-l', '/begun')).stdout).toBe('2 /begun\n')
  await sandbox.ok('down', '-t', '0')
})

test('whoever waits for an engine that stands still is gone at the second signal, by that signal', async () => {
  await sandbox.ok('up', '-d', 'first')
  const engine = sandbox.enginePid() ?? 0
  const child = spawn(BIN, ['exec', '-T', 'first', 'sh', '-c', 'echo ready; exec sleep 100000'], {
    cwd: sandbox.folder,
    env: { ...sandbox.env, TSCOMPOSE_COLD: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await new Promise(resolve => child.stdout.once('data', resolve))
  const ended = new Promise(resolve => child.once('exit', (_status, signal) => resolve(signal)))
  process.kill(engine, 'SIGSTOP')
  const stateOf = (thread: string): string | undefined =>
    /^State:\t(.)/m.exec(readFileSync(`/proc/${engine}/task/${thread}/status`, 'utf8'))?.[1]
  try {
    await eventually('all of it stands', () =>
      readdirSync(`/proc/${engine}/task`).every(thread => stateOf(thread) === 'T'),
    )
    // Both are there at once, in this order.
    child.kill('SIGINT')
    child.kill('SIGTERM')
    expect(await ended).toBe('SIGTERM')
  } finally {
    process.kill(engine, 'SIGCONT')
  }
})
