import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import type { Machine } from './columns.ts'
import { processFacts, readProcess } from './process.ts'
import { columnsOf } from './ps-arguments.ts'

// A process as /proc shows it: pid 26053, a shell of user 33 with 90 s of processor time, begun 1000 s after boot.
const STAT =
  '26053 (a (b) c) S 25797 26053 26053 34817 26053 4194304 1 2 3 4 6000 3000 0 0 20 0 3 0 100000 2322432 416 0'
const STATUS = 'Name:\ta (b) c\nUid:\t1000\t33\t33\t33\nVmLck:\t       0 kB\n'
const PROCESS = processFacts(STAT, STATUS, 'sh\0-c\0sleep 1\0')
const MACHINE: Machine = {
  now: new Date(2026, 10, 28, 14, 30).getTime(),
  uptime: 1900,
  memory: 1 << 30,
  users: new Map([
    [33, 'www-data'],
    [1000, 'somebody-long'],
  ]),
}
const shown = (psArguments: string): Record<string, string> =>
  Object.fromEntries(columnsOf(psArguments).map(({ title, of }) => [title, of(PROCESS, MACHINE)]))

test('of arguments without end the beginning is told', async () => {
  const child = spawn('sh', ['-c', 'read line', 'x'.repeat(100_000)], { stdio: ['pipe', 'ignore', 'ignore'] })
  await once(child, 'spawn')
  expect(readProcess(child.pid ?? 0, 30)?.command).toBe(`sh -c read line ${'x'.repeat(14)}…`)
  expect(readProcess(child.pid ?? 0, 200_000)?.command).toBe(`sh -c read line ${'x'.repeat(100_000)}`)
  child.stdin.end()
  await once(child, 'exit')
})

describe('columns of ps', () => {
  test.each(['', '-ef', 'ef', '-e -f', '-Af'])('"%s" is what docker top shows', psArguments => {
    expect(shown(psArguments)).toEqual({
      UID: 'www-data',
      PID: '26053',
      PPID: '25797',
      C: '10',
      STIME: '14:15',
      TTY: 'pts/1',
      TIME: '00:01:30',
      CMD: 'sh -c sleep 1',
    })
  })

  test.each(['aux', '-aux', 'axu'])('"%s" is by user', psArguments => {
    expect(shown(psArguments)).toEqual({
      USER: 'www-data',
      PID: '26053',
      '%CPU': '10.0',
      '%MEM': '0.1',
      VSZ: '2268',
      RSS: '1664',
      TTY: 'pts/1',
      STAT: 'Ssl+',
      START: '14:15',
      TIME: '1:30',
      COMMAND: 'sh -c sleep 1',
    })
  })

  test('-e alone is the short list', () => {
    expect(Object.keys(shown('-e'))).toEqual(['PID', 'TTY', 'TIME', 'CMD'])
  })

  test.each([
    ['-o pid,comm', { PID: '26053', COMMAND: 'a (b) c' }],
    ['-eo pid,ruser', { PID: '26053', RUSER: 'somebod+' }],
    ['axo pid,etime,nlwp', { PID: '26053', ELAPSED: '15:00', NLWP: '3' }],
    ['-opid -o uid=WHO', { PID: '26053', WHO: '33' }],
    ['--format pid,lstart', { PID: '26053', STARTED: 'Sat Nov 28 14:15:00 2026' }],
  ])('"%s"', (psArguments, wanted) => {
    expect(shown(psArguments)).toEqual(wanted)
  })

  test.each([
    '-o user',
    '-o pid,nosuch',
    '-o pid,constructor',
    '--sort=pid',
    '; rm',
  ])('"%s" is refused', psArguments => {
    expect(() => columnsOf(psArguments)).toThrow(expect.objectContaining({ code: 'PS_ARGS' }))
  })

  test('a process that began long ago has a day or a year', () => {
    const [column] = columnsOf('-o stime,pid')
    const at = (uptime: number): string | undefined => column?.of(PROCESS, { ...MACHINE, uptime })
    expect([at(1000 + 3 * 86_400), at(1000 + 400 * 86_400)]).toEqual(['Nov25', '2025'])
  })
})

test('what has no arguments is its name in brackets', () => {
  expect(processFacts(STAT, STATUS, '').command).toBe('[a (b) c]')
})
