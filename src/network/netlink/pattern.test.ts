import { expect, test, vi } from 'vitest'
import { BytePatterns } from './pattern.ts'

const make = ([a, b]: readonly Uint8Array[]): Buffer =>
  Buffer.concat(
    [Buffer.from([9, 0]), a ?? [], Buffer.from([1, 2]), b ?? [], a ?? []].map(each => Buffer.from(each)),
  )

test('what is copied is what would have been made, whatever is in the values', () => {
  const patterns = new BytePatterns()
  const made = vi.fn(make)
  for (const [a, b] of [
    [[1, 2, 3], [4]],
    [[0, 255, 128], [0]],
    [[9, 0, 1], [2]],
  ] as const) {
    const values = [Uint8Array.from(a), Uint8Array.from(b)]
    expect(patterns.make('shape', values, made)).toEqual(make(values))
  }
  expect(made).toHaveBeenCalledTimes(2)
})

test('another shape is another pattern, and too many bytes are put together each time', () => {
  const patterns = new BytePatterns()
  const small = [Uint8Array.of(1), Uint8Array.of(2, 3)]
  const large = [new Uint8Array(200).fill(7), Uint8Array.of(2)]
  expect(patterns.make('a', [Uint8Array.of(5, 6), Uint8Array.of(7)], make)).toHaveLength(9)
  expect(patterns.make('b', small, make)).toEqual(make(small))
  expect(patterns.make('c', large, make)).toEqual(make(large))
})
