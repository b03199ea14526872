import { spawn, spawnSync } from 'node:child_process'
import { afterEach, expect, test, vi } from 'vitest'
import { parseThread, readSignalState } from './signal-state.ts'

const TERM = 1n << 14n
const children: ReturnType<typeof spawn>[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

const start = (...command: [string, ...string[]]): number => {
  const child = spawn(command[0], command.slice(1), { stdio: 'ignore' })
  children.push(child)
  return child.pid ?? 0
}

const status = (over: Record<string, string> = {}): string =>
  Object.entries({
    Name: 'a State: R\\n',
    State: 'S (sleeping)',
    TracerPid: '0',
    SigPnd: '0000000000000000',
    ShdPnd: '0000000000000000',
    SigBlk: '0000000000004000',
    voluntary_ctxt_switches: '3',
    nonvoluntary_ctxt_switches: '1',
    ...over,
  })
    .map(([name, value]) => `${name}:\t${value}\n`)
    .join('')

test('a thread at rest', () => {
  expect(parseThread(7, status(), '35 0x7ffd 0x0')).toEqual({
    id: 7,
    letter: 'S',
    blocked: TERM,
    pending: 0n,
    isTraced: false,
    awaitsSignals: false,
    switches: 4,
  })
})

test.each([
  '128 0x1',
  '137 0x1',
  '177 0x1',
  '421 0x1',
  '1073742347 0x1',
])('waits for a signal in call %s', syscall => {
  expect(parseThread(1, status(), syscall).awaitsSignals).toBe(true)
})

test.each(['running', '-1 0x7ffd 0x7f', '0 0x1'])('waits for none in call %s', syscall => {
  expect(parseThread(1, status(), syscall).awaitsSignals).toBe(false)
})

test('signals that wait for the thread or the process, and a tracer', () => {
  const thread = parseThread(
    1,
    status({ SigPnd: '1', ShdPnd: '0000000000004000', TracerPid: '9' }),
    'running',
  )
  expect(thread).toMatchObject({ pending: TERM | 1n, isTraced: true })
})

test('a process without handlers, and one with a handler', async () => {
  const plain = start('sleep', '100')
  await vi.waitFor(() =>
    expect(readSignalState(plain)).toMatchObject({
      caught: 0n,
      watched: 0n,
      threads: [{ id: plain, letter: 'S' }],
    }),
  )
  const polite = start('sh', '-c', 'trap exit TERM; while :; do sleep 1; done')
  await vi.waitFor(() => expect((readSignalState(polite)?.caught ?? 0n) & TERM).toBe(TERM))
  // Node's own threads.
  expect(readSignalState(process.pid)?.threads.length).toBeGreaterThan(1)
})

test('a process that has ended cannot be seen', () => {
  expect(readSignalState(spawnSync('true').pid)).toBeUndefined()
})
