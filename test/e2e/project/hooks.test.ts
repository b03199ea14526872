// Hooks in every path of a service's life. What runs when was recorded from Docker Compose 2.40, but for `run`, where 5.1 has post_start.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../harness/eventually.ts'
import { makeSandbox, type Sandbox, showLogOnFailure } from '../harness/sandbox.ts'

let sandbox: Sandbox
const told = (): string => join(sandbox.folder, 'told')

beforeAll(async () => {
  sandbox = makeSandbox()
  await sandbox.busybox()
  mkdirSync(told())
  const base = { image: 'busybox', network_mode: 'none', stop_signal: 'KILL', volumes: ['./told:/told'] }
  const tell = (word: string): string[] => ['sh', '-c', `echo ${word} >> /told/all`]
  const service = {
    ...base,
    command: ['sh', '-c', 'echo main >> /told/all; exec sleep 1000'],
    post_start: [{ command: tell('post') }],
    pre_stop: [{ command: tell('pre') }],
  }
  const compose = (name: string, services: object): void =>
    sandbox.write(`${name}.yaml`, JSON.stringify({ name, services }))
  compose('hooks', { a: service })
  compose('changed', { a: { ...service, environment: { A: 'b' } } })
  compose('heard', {
    a: { ...base, command: 'sleep 1000', post_start: [{ command: ['sh', '-c', 'echo out; echo err >&2'] }] },
  })
  compose('slow', {
    a: {
      ...base,
      command: 'sleep 1000',
      post_start: [{ command: ['sh', '-c', 'echo begun; exec sleep 600'] }],
    },
    b: { ...base, command: 'sleep 1000', depends_on: ['a'] },
  })
  compose('failing', {
    a: {
      ...base,
      command: 'sleep 1000',
      post_start: [{ command: ['sh', '-c', 'echo why >&2; exit 3'] }, { command: tell('never') }],
    },
    b: { ...base, command: 'sleep 1000', depends_on: ['a'] },
  })
})
afterAll(() => sandbox.close())

/** What ran since the last time, in its order, once there are so many words. */
async function ran(words = 0): Promise<string> {
  const said = (): string[] => readFileSync(join(told(), 'all'), 'utf8').split('\n').filter(Boolean)
  // A hook runs once the container has started: its command may be later with its first word.
  await eventually(`there are ${words} words`, () => said().length >= words)
  const text = said().join(' ')
  writeFileSync(join(told(), 'all'), '')
  return text.replace('post main', 'main post')
}

const STEPS: readonly (readonly [command: string, ran: string])[] = [
  ['up -d', 'main post'],
  ['up -d', ''],
  ['restart', 'pre main post'],
  ['stop', 'pre'],
  ['start', 'main post'],
  ['kill', ''],
  ['up -d', 'main post'],
  ['up -d --force-recreate', 'main post'],
  ['up -d --scale a=2', 'main post'],
  ['up -d --scale a=1', 'pre'],
  ['run --rm a true', ''],
  ['run -d --name hooked-run a', 'main post'],
  ['stop', 'pre'],
  ['rm -f', ''],
  ['up -d', 'main post'],
  ['rm -sf', 'pre'],
  ['up -d', 'main post'],
  ['-p hooks -f changed.yaml up -d', 'main post'],
  ['pause', ''],
  ['unpause', ''],
  ['down', 'pre'],
]

test.each(STEPS)('%s', async (command, expected) => {
  showLogOnFailure(sandbox)
  const words = command.split(' ')
  // A one-off that is done before its hook can run is no failure, and may be quicker or slower than that.
  const before = command.startsWith('run --rm') ? /^(post)?$/ : undefined
  writeFileSync(join(told(), 'all'), '', { flag: 'a' })
  await sandbox.ok(...(words[0] === '-p' ? [] : ['-f', 'hooks.yaml']), ...words)
  const got = await ran(expected.split(' ').filter(Boolean).length)
  if (before === undefined) expect(got).toBe(expected)
  else expect(got).toMatch(before)
})

describe('an attached up', () => {
  test('shows what a hook says, behind the name of its container', async () => {
    const up = sandbox.start('-f', 'heard.yaml', 'up')
    await eventually('both lines are there', () => /^a-1 -> +\| err$/m.test(up.output.stdout))
    expect(up.output.stdout).toMatch(/^a-1 -> +\| out$/m)
    up.child.kill('SIGINT')
    expect((await up.ended).status).toBe(130)
    await sandbox.ok('-f', 'heard.yaml', 'down')
  })

  test('that is interrupted in a hook waits for it no longer', async () => {
    showLogOnFailure(sandbox)
    const up = sandbox.start('-f', 'slow.yaml', 'up')
    await eventually('the hook runs, and is heard while it does', () => /begun/.test(up.output.stdout))
    up.child.kill('SIGINT')
    expect((await up.ended).status).toBe(130)
    const { stdout } = await sandbox.ok('-f', 'slow.yaml', 'ps', '-a', '--format', '{{.Service}} {{.State}}')
    expect(stdout.trim().split('\n')).toEqual(['a exited', 'b created'])
    await sandbox.ok('-f', 'slow.yaml', 'down')
  })
})

test('a post_start that fails fails the start, ends the steps behind it, and leaves the service', async () => {
  const { status, stderr } = await sandbox.run('-f', 'failing.yaml', 'up', '-d')
  expect(status).toBe(1)
  expect(stderr).toMatch(/HOOK_FAILED[\s\S]*why/)
  const { stdout } = await sandbox.ok('-f', 'failing.yaml', 'ps', '-a', '--format', '{{.Service}} {{.State}}')
  expect(stdout.trim().split('\n')).toEqual(['a running', 'b created'])
  expect(await ran()).toBe('')
  await sandbox.ok('-f', 'failing.yaml', 'down')
})
