import { appendFileSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { LogGone, LogOptions } from '../../api/types/index.ts'
import { LogParser, logTime } from './parser.ts'
import { pruneLog } from './prune.ts'
import { type LogHold, type LogSource, openLog, readLog } from './read.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-log-'))
  path = join(folder, 'container.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

const timeOf = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000000Z`
const instantOf = (second: number): bigint => BigInt(Date.parse(timeOf(second))) * 1_000_000n
const entry = (second: number, stream: string, tag: string, text: string): string =>
  `${timeOf(second)} ${stream} ${tag} ${text}\n`
/** What the monitor writes at the beginning of a file that has others before it. */
const header = (number: number, lines: number, bytes: number): string =>
  `${timeOf(number)} header F ${number} ${lines} ${bytes}\n`
const ALL: LogOptions = { follow: false, stdout: true, stderr: true, timestamps: false }

async function read(options: Partial<LogOptions> = {}, ended?: LogSource['ended']): Promise<string[]> {
  const lines: string[] = []
  const signal = new AbortController().signal
  for await (const records of readLog({ path, ended }, { ...ALL, ...options }, signal))
    for (const { stream, bytes, time } of records)
      lines.push(`${time ?? ''}${stream === 'stderr' ? '!' : ''}${Buffer.from(bytes).toString()}`)
  return lines
}

test('lines keep their stream and newline, parts are joined, a last line without an end is given', async () => {
  writeFileSync(
    path,
    entry(1, 'stdout', 'P', 'one ') +
      entry(1, 'stderr', 'F', 'other') +
      entry(1, 'stdout', 'F', 'line') +
      entry(2, 'stdout', 'F', '') +
      entry(2, 'stdout', 'P', 'prompt'),
  )
  expect(await read()).toEqual(['!other\n', 'one line\n', '\n', 'prompt'])
  expect(await read({ stderr: false })).toEqual(['one line\n', '\n', 'prompt'])
  expect(await read({ timestamps: true, stdout: false })).toEqual([`${timeOf(1)}!other\n`])
})

test('the last lines, over files, streams and parts', async () => {
  const lines = [0, 1, 2, 3, 4, 5].map(n => entry(n, n % 2 === 0 ? 'stdout' : 'stderr', 'F', String(n)))
  writeFileSync(`${path}.1`, lines.slice(0, 2).join(''))
  writeFileSync(`${path}.2`, header(2, 2, 4) + lines.slice(2, 4).join(''))
  writeFileSync(path, header(3, 4, 8) + lines.slice(4).join(''))
  expect(await read()).toEqual(['0\n', '!1\n', '2\n', '!3\n', '4\n', '!5\n'])
  expect(await read({ tail: 3 })).toEqual(['!3\n', '4\n', '!5\n'])
  expect(await read({ tail: 2, stderr: false })).toEqual(['2\n', '4\n'])
  expect(await read({ tail: 0 })).toEqual([])
  expect(await read({ tail: 99 })).toHaveLength(6)
})

test('a wanted line is given whole although another stream came between its parts', async () => {
  writeFileSync(
    path,
    entry(1, 'stderr', 'F', 'old') +
      entry(1, 'stdout', 'P', 'a') +
      entry(1, 'stderr', 'F', 'between') +
      entry(1, 'stdout', 'F', 'b'),
  )
  expect(await read({ tail: 1 })).toEqual(['ab\n'])
  expect(await read({ tail: 2 })).toEqual(['!between\n', 'ab\n'])
})

test('the tail of a log that is larger than what is read at once', async () => {
  const lines = Array.from({ length: 30_000 }, (_, n) => entry(n % 60, 'stdout', 'F', `line ${n}`))
  writeFileSync(path, lines.join(''))
  const tail = await read({ tail: 20_000 })
  expect([tail.length, tail[0], tail.at(-1)]).toEqual([20_000, 'line 10000\n', 'line 29999\n'])
})

test('a span of time', async () => {
  writeFileSync(path, [1, 2, 3].map(n => entry(n, 'stdout', 'F', String(n))).join(''))
  expect(await read({ since: instantOf(2) })).toEqual(['2\n', '3\n'])
  expect(await read({ since: instantOf(2) + 1n })).toEqual(['3\n'])
  expect(await read({ until: instantOf(2) })).toEqual(['1\n', '2\n'])
  expect(await read({ until: instantOf(2) - 1n })).toEqual(['1\n'])
  expect(logTime(1_700_000_000_250_000_001n)).toBe('2023-11-14T22:13:20.250000001Z')
  expect([logTime(-1n) < timeOf(1), logTime(1n << 80n) > timeOf(1)]).toEqual([true, true])
})

test('following crosses rotations, several at once too, and ends with the container', async () => {
  writeFileSync(path, entry(1, 'stdout', 'F', '1'))
  let end = (): void => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  const signal = new AbortController().signal
  const iterator = readLog({ path, ended }, { ...ALL, follow: true }, signal)[Symbol.asyncIterator]()
  const next = async (): Promise<string[]> =>
    ((await iterator.next()).value ?? []).map(record => Buffer.from(record.bytes).toString())
  expect(await next()).toEqual(['1\n'])

  appendFileSync(path, entry(2, 'stdout', 'F', '2'))
  renameSync(path, `${path}.1`)
  writeFileSync(path, header(2, 2, 4) + entry(3, 'stdout', 'F', '3'))
  renameSync(path, `${path}.2`)
  writeFileSync(path, header(3, 3, 6) + entry(4, 'stdout', 'F', '4'))
  expect([await next(), await next(), await next()]).toEqual([['2\n'], ['3\n'], ['4\n']])

  appendFileSync(path, entry(5, 'stdout', 'F', 'last'))
  end()
  expect(await next()).toEqual(['last\n'])
  expect((await iterator.next()).done).toBe(true)
})

describe('what rotation has taken away', () => {
  const NEVER = new AbortController().signal
  const goneOf = async (options: Partial<LogOptions>): Promise<LogGone | undefined> => {
    const { gone, records } = await openLog({ path, ended: undefined }, { ...ALL, ...options }, NEVER)
    for await (const _ of records);
    return gone
  }

  test('is told when it was asked for', async () => {
    writeFileSync(`${path}.7`, header(7, 600, 6000) + entry(8, 'stdout', 'F', 'a'))
    writeFileSync(path, header(8, 601, 6002) + entry(9, 'stdout', 'F', 'b'))
    const gone = { lines: 600, bytes: 6000 }
    expect(await goneOf({})).toEqual(gone)
    expect(await goneOf({ tail: 3 })).toEqual(gone)
    expect(await goneOf({ tail: 2 })).toBeUndefined()
    expect(await goneOf({ since: instantOf(6) })).toEqual(gone)
    expect(await goneOf({ since: instantOf(7) })).toBeUndefined()
    expect(await read()).toEqual(['a\n', 'b\n'])
  })

  test('from under a follower ends its stream with an error', async () => {
    writeFileSync(path, entry(1, 'stdout', 'F', '1'))
    const ended = new Promise<void>(() => undefined)
    const { records } = await openLog({ path, ended }, { ...ALL, follow: true }, NEVER)
    await records.next()
    renameSync(path, `${path}.2`)
    writeFileSync(path, header(3, 2, 4) + entry(3, 'stdout', 'F', '3'))
    await expect(records.next()).rejects.toMatchObject({ code: 'LOG_GONE' })
  })

  test('is kept for a follower from the last file on that it has open', async () => {
    writeFileSync(path, entry(1, 'stdout', 'F', '1'))
    const kept: (number | 'released')[] = []
    const hold = async (): Promise<LogHold> => ({
      keepFrom: number => void kept.push(number),
      release: () => void kept.push('released'),
    })
    let end = (): void => {}
    const ended = new Promise<void>(resolve => {
      end = resolve
    })
    const { records } = await openLog({ path, ended, hold }, { ...ALL, follow: true }, NEVER)
    await records.next()
    renameSync(path, `${path}.1`)
    writeFileSync(path, header(2, 1, 2) + entry(2, 'stdout', 'F', '2'))
    await records.next()
    end()
    expect((await records.next()).done).toBe(true)
    expect([kept[0], kept.at(-2), kept.at(-1)]).toEqual([1, 2, 'released'])
  })
})

test('what is written after the log was opened is no more of what there is', async () => {
  const line = (n: number): string => entry(n, 'stdout', 'F', String(n))
  writeFileSync(path, [1, 2, 3].map(line).join(''))
  for (const tail of [undefined, 2]) {
    const options = { ...ALL, ...(tail === undefined ? {} : { tail }) }
    const { records } = await openLog({ path, ended: undefined }, options, new AbortController().signal)
    appendFileSync(path, [4, 5, 6].map(line).join(''))
    const got: string[] = []
    for await (const batch of records) got.push(...batch.map(({ bytes }) => Buffer.from(bytes).toString()))
    expect(got).toEqual(tail === undefined ? ['1\n', '2\n', '3\n'] : ['5\n', '6\n'])
  }
})

test('a last line without an end counts as one', async () => {
  writeFileSync(
    path,
    entry(1, 'stdout', 'F', '1') + entry(2, 'stdout', 'F', '2') + entry(3, 'stdout', 'P', 'prompt'),
  )
  expect(await read({ tail: 1 })).toEqual(['prompt'])
  expect(await read({ tail: 2 })).toEqual(['2\n', 'prompt'])
})

test('an entry that is written in two pieces is one', async () => {
  const whole = entry(1, 'stdout', 'F', 'whole')
  writeFileSync(path, whole.slice(0, 20))
  let end = (): void => {}
  const reading = read(
    { follow: true },
    new Promise<void>(resolve => {
      end = resolve
    }),
  )
  appendFileSync(path, whole.slice(20))
  end()
  expect(await reading).toEqual(['whole\n'])
})

test('no log yet is an empty one', async () => {
  expect(await read()).toEqual([])
  expect(await read({ tail: 5 })).toEqual([])
})

test('what is no entry is skipped', () => {
  const parser = new LogParser({ stdout: true, stderr: true, timestamps: false })
  expect(parser.push(Buffer.from(`garbage\n\n${entry(1, 'stdout', 'F', 'x')}`))).toHaveLength(1)
})

test('what was kept for followers goes as a rotation would take it', async () => {
  for (const number of [1, 2, 3, 4]) writeFileSync(`${path}.${number}`, '')
  writeFileSync(path, header(5, 4, 8) + entry(5, 'stdout', 'F', '5'))
  await pruneLog(path, 2)
  expect(readdirSync(folder).sort()).toEqual(['container.log', 'container.log.4'])
  await pruneLog(path, 10)
  expect(readdirSync(folder)).toHaveLength(2)
  await pruneLog(join(folder, 'missing.log'), 1)
})
