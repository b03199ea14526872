import { expect, test } from 'vitest'
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
