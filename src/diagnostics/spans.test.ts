import { expect, test } from 'vitest'
import { SpanRecorder } from './spans.ts'

const shown = (spans: ReturnType<SpanRecorder['take']>): string[] =>
  spans.map(({ name, lane }) => `${name} ${lane}`)

test('nothing is kept while nobody wants it', async () => {
  const spans = new SpanRecorder()
  expect(await spans.during('before', () => 7)).toBe(7)
  const begin = spans.record(performance)
  expect(spans.take(begin)).toEqual([])
})

test('spans that overlap are on lanes of their own, which are used again', async () => {
  const spans = new SpanRecorder()
  const begin = spans.record(performance)
  await spans.during('outer', () => spans.during('inner', async () => undefined))
  await spans.during('next', () => undefined)
  expect(shown(spans.take(begin))).toEqual(['inner 1', 'outer 0', 'next 0'])
})

test('what fails has taken its time, too', async () => {
  const spans = new SpanRecorder()
  const begin = spans.record(performance)
  await expect(spans.during('fails', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  const [span] = spans.take(begin)
  expect(span).toMatchObject({ name: 'fails', lane: 0 })
  expect((span?.end ?? 0) - (span?.begin ?? 0)).toBeGreaterThanOrEqual(0)
})

test('each of two recordings has what began since its own begin', async () => {
  const spans = new SpanRecorder()
  const first = spans.record(performance)
  await spans.during('one', () => new Promise(resolve => setTimeout(resolve, 2)))
  const second = spans.record(performance)
  await spans.during('two', () => undefined)
  expect(shown(spans.take(second))).toEqual(['two 0'])
  expect(shown(spans.take(first))).toEqual(['one 0', 'two 0'])
  await spans.during('after', () => undefined)
  expect(spans.take(0)).toEqual([])
})
