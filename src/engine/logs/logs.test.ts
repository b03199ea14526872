import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { LogOptions } from '../../api/types/index.ts'
import { LogParser, logTime } from './parser.ts'
import { type LogSource, readLog } from './read.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tsc-log-'))
  path = join(folder, 'container.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

const timeOf = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}.000000000Z`
const entry = (second: number, stream: string, tag: string, text: string): string =>
  `${timeOf(second)} ${stream} ${tag} ${text}\n`
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
  writeFileSync(`${path}.2`, lines.slice(0, 2).join(''))
  writeFileSync(`${path}.1`, lines.slice(2, 4).join(''))
  writeFileSync(path, lines.slice(4).join(''))
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
  const second = (n: number): number => Date.parse(timeOf(n)) / 1000
  expect(await read({ since: second(2) })).toEqual(['2\n', '3\n'])
  expect(await read({ until: second(2) })).toEqual(['1\n', '2\n'])
  expect(logTime(1_700_000_000.25)).toBe('2023-11-14T22:13:20.250000000Z')
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
  writeFileSync(path, entry(3, 'stdout', 'F', '3'))
  renameSync(`${path}.1`, `${path}.2`)
  renameSync(path, `${path}.1`)
  writeFileSync(path, entry(4, 'stdout', 'F', '4'))
  expect([await next(), await next(), await next()]).toEqual([['2\n'], ['3\n'], ['4\n']])

  appendFileSync(path, entry(5, 'stdout', 'F', 'last'))
  end()
  expect(await next()).toEqual(['last\n'])
  expect((await iterator.next()).done).toBe(true)
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
