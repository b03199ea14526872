import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeSandbox, type Sandbox } from '../harness/sandbox.ts'
import { BIN, warmLab } from './warm-lab.ts'

// The threads in which an engine runs commands are used again: no command finds anything of the one before.
let sandbox: Sandbox

const { warmly, coldly, run, warm, cold, onTerminal } = warmLab(() => sandbox)

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  sandbox.write(
    'compose.yaml',
    'name: workers\nservices: {web: {image: busybox, command: sleep 100000, init: true}}\n',
  )
  sandbox.write(
    'variables.yaml',
    'services: {web: {image: busybox, command: "echo ${GREETING-none} ${COMPOSE_PROFILES-none}"}}\n',
  )
  sandbox.write('broken/compose.yaml', 'services: {web: {image: 7, nothing: 1}}\n')
  await sandbox.ok('up', '-d')
  await sandbox.hold()
})
afterAll(() => sandbox.close())

/** How many workers the engine has started so far. */
function started(): number {
  const names = readdirSync(join(sandbox.env['TSCOMPOSE_RUN'] ?? '', 'commands'))
  return Math.max(0, ...names.map(name => Number.parseInt(name, 10)).filter(Number.isInteger))
}

test('twenty commands in a row need no twenty threads, and each finds its own words, variables and folder alone', async () => {
  await warm(['ps', '-q'])
  const before = started()
  for (let turn = 0; turn < 5; turn += 1) {
    const env = { GREETING: `hello-${turn}`, COMPOSE_PROFILES: 'a' }
    const words = ['-f', 'variables.yaml', 'config', '--no-path-resolution']
    expect((await warm(words, { env })).stdout).toContain(`hello-${turn}`)
    expect((await warm(words)).stdout).not.toContain('hello')
    expect(await warm(['config', '-q'], { cwd: 'broken' })).toEqual(
      await cold(['config', '-q'], { cwd: 'broken' }),
    )
    expect(await warm(['exec', '-T', 'web', 'sh', '-c', `exit ${turn}`])).toMatchObject({ status: turn })
  }
  expect(started() - before).toBeLessThan(5)
})

test('ten at once are ten answers, and as many after them', async () => {
  const all = Array.from({ length: 10 }, (_value, index) => String(index))
  const env = { PATH: sandbox.env['PATH'] ?? '' }
  for (let turn = 0; turn < 2; turn += 1) {
    const done = await Promise.all(all.map(word => warm(['exec', '-T', 'web', 'echo', word], { env })))
    expect(done).toEqual(all.map(word => ({ status: 0, stdout: `${word}\n`, stderr: '' })))
  }
})

test('who breaks off leaves nothing to the next one', async () => {
  for (const signal of ['SIGKILL', 'SIGINT', 'SIGHUP'] as const) {
    const words = ['exec', '-T', 'web', 'sh', '-c', 'echo ready; sleep 1000']
    await warm(words, { onStart: child => void child.kill(signal) })
    expect(await warm(['exec', '-T', 'web', 'echo', 'next'])).toEqual({
      status: 0,
      stdout: 'next\n',
      stderr: '',
    })
  }
})

test('a terminal that changes its size tells the one of the container', async () => {
  const script = 'trap "stty size; exit 3" WINCH; echo ready; while :; do sleep 0.1; done'
  const resize = (shown: string): void => {
    const [terminal = ''] = /\/dev\/pts\/\d+/.exec(shown) ?? []
    spawnSync('/usr/bin/stty', ['-F', terminal, 'cols', '99', 'rows', '21'])
  }
  const words = ['exec', 'web', 'sh', '-c', script]
  const expected = await onTerminal(words, coldly(), [['ready', resize]])
  expect(expected).toContain('21 99')
  expect(await onTerminal(words, warmly(), [['ready', resize]])).toBe(expected)
})

test('the third interrupt kills what heeds none', async () => {
  const script = 'trap "echo heard" INT; echo ready; while :; do sleep 0.05; done'
  let sent = 0
  const words = ['run', '--rm', '-T', '--quiet', 'web', 'sh', '-c', script]
  const interrupt = {
    onStart: (child: { kill(signal: 'SIGINT'): boolean }, stdout: string): void => {
      // One for each that it says it has heard.
      if (sent <= stdout.split('heard').length - 1) sent += child.kill('SIGINT') ? 1 : 0
    },
  }
  const expected = await cold(words, interrupt)
  expect(expected).toMatchObject({ status: 137, stdout: 'ready\nheard\nheard\n' })
  sent = 0
  expect(await warm(words, interrupt)).toEqual(expected)
})

test('an engine whose folder a settings file names alone is found', async () => {
  const { HOME = '', TSCOMPOSE_RUN = '', TSCOMPOSE_ROOT = '', ...env } = warmly()
  const folder = join(HOME, '.config/tscompose')
  mkdirSync(folder, { recursive: true })
  const home = { ...env, HOME }
  const words = ['ps', '--format', '{{.Name}}']
  const outcome = async (text: string, mode = 0o600): Promise<number | string> => {
    writeFileSync(join(folder, 'env'), text)
    chmodSync(join(folder, 'env'), mode)
    return (await run(BIN, words, home)).status
  }
  const noNode = 127
  try {
    const settings = `# TSCOMPOSE_RUN=/nowhere\nTSCOMPOSE_ROOT=${TSCOMPOSE_ROOT}\nTSCOMPOSE_RUN=${TSCOMPOSE_RUN}\n`
    expect(await outcome(settings)).toBe(0)
    expect(await outcome(`export TSCOMPOSE_RUN = ${TSCOMPOSE_RUN} \nTSCOMPOSE_ROOT=${TSCOMPOSE_ROOT}`)).toBe(
      0,
    )
    // What is not as plain as that is read by Node, and so is a file that others may write to.
    expect(await outcome(`TSCOMPOSE_RUN="${TSCOMPOSE_RUN}"\nTSCOMPOSE_ROOT=${TSCOMPOSE_ROOT}\n`)).toBe(noNode)
    expect(await outcome(settings, 0o666)).toBe(noNode)
    // Another engine's folders are not this one's.
    expect(await outcome(`TSCOMPOSE_RUN=${TSCOMPOSE_RUN}\n`)).toBe(noNode)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
