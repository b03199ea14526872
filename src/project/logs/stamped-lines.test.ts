import fc from 'fast-check'
import { expect, test } from 'vitest'
import { StampedLines, withoutStamp } from './stamped-lines.ts'

/** A log: each line with its second, and the stream that it is of. */
type Log = readonly { readonly second: number; readonly kind: 'stdout' | 'stderr'; readonly text: string }[]

const lineOf = ({ second, text }: Log[number]): string =>
  `2026-01-01T00:00:${second + 10}.000000000Z ${text}\n`

/** Reads a log that breaks off at these places (in bytes) and is then asked for again. */
function readOver(log: Log, breaks: readonly number[]): string[] {
  const lines = new StampedLines()
  const got: string[] = []
  for (const limit of [...breaks, Infinity]) {
    const since = lines.since ?? 0
    let left = limit
    for (const entry of log) {
      const stamp = lineOf(entry).split(' ')[0] ?? ''
      if (Date.parse(stamp) / 1000 < since) continue
      const bytes = Buffer.from(lineOf(entry)).subarray(0, Math.max(0, left))
      left -= bytes.length
      got.push(...lines.push(entry.kind, bytes).lines)
    }
    if (limit !== Infinity) lines.resume()
  }
  return got.map(withoutStamp)
}

test('a log that breaks off anywhere is given once, whole', () => {
  const entry = fc.record({
    second: fc.nat(5),
    kind: fc.constantFrom('stdout' as const, 'stderr' as const),
    text: fc.constantFrom('', 'a', 'é', 'the same'),
  })
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 30 }),
      fc.array(fc.nat(400), { maxLength: 4 }),
      (entries, breaks) => {
        const log = entries.toSorted((a, b) => a.second - b.second)
        expect(readOver(log, breaks)).toEqual(log.map(({ text }) => text))
      },
    ),
  )
})

test('a last line without an end is given at the end', () => {
  const lines = new StampedLines()
  expect(lines.push('stdout', Buffer.from('2026-01-01T00:00:00.000000000Z prom')).lines).toEqual([])
  lines.push('stdout', Buffer.from('pt'))
  expect(lines.end().map(({ lines: rest }) => rest.map(withoutStamp))).toEqual([['prompt']])
})

test('a long line that comes in messages with a time each is one, wherever their bytes are cut', () => {
  const text = 'é'.repeat(40)
  const message = (part: Buffer, at: number) =>
    Buffer.concat([Buffer.from(`2026-01-01T00:00:0${at}.000000000Z `), part])
  const bytes = Buffer.from(`${text}\n`)
  const messages = [bytes.subarray(0, 33), bytes.subarray(33, 66), bytes.subarray(66)].map(message)
  for (const size of [1, 7, 30, 31, 1000]) {
    const lines = new StampedLines()
    const got = messages.flatMap(each =>
      Array.from({ length: Math.ceil(each.length / size) }, (_, at) =>
        lines.push('stdout', each.subarray(at * size, (at + 1) * size), at === 0),
      ).flatMap(batch => batch.lines),
    )
    expect([size, got]).toEqual([size, [`2026-01-01T00:00:00.000000000Z ${text}`]])
  }
})
