import { expect, test } from 'vitest'
import { newId } from './ids.ts'
import { parseSize } from './sizes.ts'
import { nanoTime } from './timestamps.ts'

test('sizes and times', () => {
  expect([parseSize('64m'), parseSize('1.5k'), parseSize('10'), parseSize('1gb'), parseSize('1GiB')]).toEqual(
    [64 << 20, 1536, 10, 2 ** 30, 2 ** 30],
  )
  expect(() => parseSize('many')).toThrow(expect.objectContaining({ code: 'SIZE_INVALID' }))
  expect(nanoTime(1_700_000_000_000_000_001n)).toBe('2023-11-14T22:13:20.000000001Z')
  expect(nanoTime(1_700_000_000_000_000_000n)).toBe('2023-11-14T22:13:20Z')
})

test('an id has a letter among the digits that are a host name', () => {
  const drawn = [Buffer.alloc(32, 0x12), Buffer.alloc(32, 0x1b)]
  expect(newId(() => drawn.shift() ?? Buffer.alloc(0))).toBe('1b'.repeat(32))
})

test('ids are drawn in hundreds, and each is another', () => {
  const ids = Array.from({ length: 1000 }, () => newId())
  expect(new Set(ids).size).toBe(1000)
  expect(ids.every(id => /^[0-9a-f]{64}$/.test(id))).toBe(true)
})
