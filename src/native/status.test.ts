import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseStatus } from './status.ts'
import { renderStatusHeader } from './status-header.ts'
import { STATUS_LINES, type StatusLine } from './status-lines.ts'

describe('a status file', () => {
  const TEXT =
    'version=1\nphase=exited\nmonitor_pid=10\nmonitor_start=99\npid=0\npid_start=0\nboot_id=abc\nstarted_at=1795317578574639182\n' +
    'finished_at=0\nexit_code=-1\nsignal=0\noom_killed=1\nrestart_count=3\nrestart_policy=on-failure\nstopped=0\nlog_dropped=7\nerror=1:2:3:a=b\n'

  test('is read to the nanosecond', () => {
    expect(parseStatus(TEXT)).toEqual({
      phase: 'exited',
      monitorPid: 10,
      monitorStartTime: 99n,
      pid: 0,
      pidStartTime: 0n,
      bootId: 'abc',
      startedAt: 1795317578574639182n,
      finishedAt: undefined,
      exitCode: undefined,
      signal: 0,
      oomKilled: true,
      restartCount: 3,
      restartPolicy: 'on-failure',
      stopped: false,
      logDropped: 7,
      mountsFd: 0,
      asleep: false,
      error: '1:2:3:a=b',
    })
  })

  test('of an older monitor, which lacks lines that came later, is read', () => {
    const older = TEXT.replace('log_dropped=7\n', '').replace('oom_killed=1\n', '')
    expect(parseStatus(older)).toEqual({ ...parseStatus(TEXT), logDropped: 0, oomKilled: false })
  })

  test.each([
    ['empty', ''],
    ['without its monitor', TEXT.replace('monitor_pid=10\n', '')],
    ['of a later version', TEXT.replace('version=1', 'version=2')],
    ['cut short', TEXT.slice(0, 60)],
    ['with words for numbers', TEXT.replace('monitor_pid=10', 'monitor_pid=ten')],
  ])('that is %s is refused', (_name, text) => {
    expect(() => parseStatus(text)).toThrow(expect.objectContaining({ code: 'STATUS_UNREADABLE' }))
  })
})

/** Values of a kind, whichever a monitor may have. */
function valuesOf({ kind, words = [] }: StatusLine): fc.Arbitrary<unknown> {
  switch (kind) {
    case 'number':
      return fc.maxSafeInteger()
    case 'code':
      return fc.option(fc.nat(255), { nil: undefined })
    case 'big':
      return fc.bigInt(0n, 2n ** 64n - 1n)
    case 'time':
      return fc.option(fc.bigInt(1n, 2n ** 64n - 1n), { nil: undefined })
    case 'flag':
      return fc.boolean()
    case 'text':
      return fc.string({ unit: 'grapheme-ascii', maxLength: 255 })
    case 'word':
      return fc.constantFrom(...words)
  }
}

/** A value as an argument of native/test/status-text.c. */
function argumentOf({ kind, words = [] }: StatusLine, value: unknown): string {
  if (value === undefined) return kind === 'code' ? '-1' : '0'
  if (kind === 'word') return String(words.indexOf(String(value)))
  return kind === 'flag' ? String(Number(value)) : String(value)
}

describe('what the C program writes by the same table', () => {
  const lines: readonly (readonly [string, StatusLine])[] = Object.entries(STATUS_LINES)
  let folder = ''
  let program = ''

  /** The text of a status, in so much room. */
  const write = (status: Readonly<Record<string, unknown>>, size = 2048): string =>
    execFileSync(program, [String(size), ...lines.map(([field, line]) => argumentOf(line, status[field]))], {
      encoding: 'utf8',
    })
  const anyStatus = fc.record(Object.fromEntries(lines.map(([field, line]) => [field, valuesOf(line)])))

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'tsc-status-'))
    program = join(folder, 'status-text')
    const sources = ['native/test/status-text.c', 'native/monitor/status-text.c']
    execFileSync('gcc', ['-Inative', '-g', '-fsanitize=address,undefined', '-o', program, ...sources])
  })

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  test('is compiled from what the table renders', () => {
    const header = readFileSync(new URL('../../native/monitor/status-lines.h', import.meta.url), 'utf8')
    expect(renderStatusHeader()).toBe(header)
  })

  test('is read back value for value', () => {
    fc.assert(
      fc.property(anyStatus, status => {
        expect(parseStatus(write(status))).toEqual(status)
      }),
      { numRuns: 50 },
    )
  })

  test('keeps a line a line, whatever an image puts in a text', () => {
    const [status] = fc.sample(anyStatus, { numRuns: 1, seed: 1 })
    const text = write({ ...status, error: '1:2:3:a\nphase=running\u007f\tb' })
    expect(parseStatus(text)).toMatchObject({ phase: status?.['phase'], error: '1:2:3:a?phase=running??b' })
  })

  test('is refused wherever it is cut off', () => {
    const [status] = fc.sample(anyStatus, { numRuns: 1, seed: 1 })
    const whole = write(status ?? {})
    expect(write(status ?? {}, whole.length + 1)).toBe(whole)
    for (let size = whole.length; size > 0; size -= 5) {
      const cut = write(status ?? {}, size)
      expect(whole.startsWith(cut)).toBe(true)
      expect(() => parseStatus(cut)).toThrow(expect.objectContaining({ code: 'STATUS_UNREADABLE' }))
    }
  })
})
